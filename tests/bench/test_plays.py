"""The made-up plays reach what the definitions tell apart: tables of two engines that are equal would else say little."""

import os

import pytest

from bench.measure import TABLES, measure
from bench.transform import PLAYS_A_LISTENER
from bench.warehouse import execute, fill, warehouse

FEWEST_PLAYS = 2 * PLAYS_A_LISTENER
BUCKETS = {
    "explicit": {"explicit", "clean", "unknown"},
    "duration": {"short", "medium", "long", "unknown"},
    "weekpart": {"weekday", "weekend"},
    "daypart": {"night", "morning", "afternoon", "evening"},
    "season": {"winter", "spring", "summer", "autumn"},
    "shuffle": {"on", "off", "unknown"},
    "platform": {"mobile", "desktop", "web", "other", "unknown"},
}


@pytest.fixture(scope="module")
def rows():
    """The rows of a query over the tables that DuckDB made of the fewest plays."""
    with warehouse(os.environ["TEST_POSTGRES_URL"], "plays") as filled:
        fill(filled.source, FEWEST_PLAYS)
        measure(filled)
        yield lambda query: execute(filled.measure, query)


@pytest.mark.parametrize("table", [f"{schema}.{table}" for schema, tables in TABLES.items() for table in tables])
def test_no_table_is_empty(rows, table):
    assert rows(f"SELECT 1 FROM {table} LIMIT 1")


@pytest.mark.parametrize("dimension", BUCKETS)
def test_a_dimension_has_every_bucket(rows, dimension):
    found = rows(f"SELECT DISTINCT bucket FROM mart.listening_preference WHERE dimension = '{dimension}'")

    assert {bucket for (bucket,) in found} == BUCKETS[dimension]


def test_albums_are_of_many_years_and_of_none(rows):
    found = {year for (year,) in rows("SELECT bucket FROM mart.listening_preference WHERE dimension = 'release_year'")}

    assert len(found) > 20 and "unknown" in found


def test_pauses_are_of_every_class_and_some_of_exactly_five_minutes(rows):
    classes = {found for (found,) in rows("SELECT DISTINCT break_class FROM mart.break_distribution")}

    assert classes == {"continuous", "short", "long"}
    assert rows("""
        SELECT 1 FROM (SELECT started_at - lag(ended_at) OVER (PARTITION BY listener_id ORDER BY ended_at) AS pause
                         FROM core.fct_play WHERE is_counted) AS pauses WHERE pause = interval '5 minutes' LIMIT 1""")


def test_popularity_is_of_every_bracket_and_of_none(rows):
    found = {bracket for (bracket,) in rows("SELECT popularity_bracket FROM mart.popularity_distribution")}

    assert found == set(range(-1, 10))


def test_some_months_have_nothing_new(rows):
    assert rows("SELECT 1 FROM mart.discovery WHERE new_artist_count = 0 LIMIT 1")


def test_every_weekday_and_every_hour_is_listened_in(rows):
    found = rows("SELECT iso_weekday, hour FROM mart.listening_clock")

    assert {weekday for weekday, _ in found} == set(range(1, 8))
    assert {hour for _, hour in found} == set(range(24))


def test_streaks_end(rows):
    assert all(count > 10 for (count,) in rows("SELECT count(*) FROM mart.listening_streak GROUP BY listener_id"))


def test_sessions_are_of_one_play_and_of_many(rows):
    assert {1, 5} <= {count for (count,) in rows("SELECT DISTINCT play_count FROM mart.listening_session")}


def test_every_period_has_a_last_rank(rows):
    longest = rows("SELECT DISTINCT period FROM mart.top_item WHERE item_kind = 'track' AND rank = 100")

    assert {period for (period,) in longest} == {"month", "year", "all"}


def test_some_ranks_are_decided_by_the_id_alone(rows):
    assert rows("""
        SELECT 1 FROM mart.top_item GROUP BY listener_id, period, period_start, item_kind, play_count, listened_ms
        HAVING count(*) > 1 LIMIT 1""")


def test_some_counted_plays_have_no_album_and_some_no_length(rows):
    assert rows("SELECT 1 FROM core.fct_play WHERE is_counted AND album_id IS NULL LIMIT 1")
    assert rows("SELECT 1 FROM core.fct_play WHERE is_counted AND listened_ms IS NULL LIMIT 1")
