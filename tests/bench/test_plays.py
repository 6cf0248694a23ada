"""The generated plays cover the cases that the definitions distinguish, so that equal tables of two engines prove something."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench.baseline import TABLES, compute_baseline
from bench.warehouse import PLAYS_PER_LISTENER, execute, fill, warehouse

PLAYS = 2 * PLAYS_PER_LISTENER
BUCKETS = {
    "explicit": {"explicit", "clean", "unknown"},
    "duration": {"short", "medium", "long", "unknown"},
    "weekpart": {"weekday", "weekend"},
    "daypart": {"night", "morning", "afternoon", "evening"},
    "season": {"winter", "spring", "summer", "autumn"},
    "shuffle": {"on", "off", "unknown"},
    "platform": {"mobile", "desktop", "web", "other", "unknown"},
}

Query = Callable[[str], list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def rows() -> Iterator[Query]:
    """Return a function that queries the tables that DuckDB computes from the smallest accepted number of plays."""
    with warehouse(os.environ["TEST_POSTGRES_URL"], "plays") as filled:
        fill(filled.source, PLAYS)
        compute_baseline(filled)
        yield lambda query: execute(filled.baseline, query)


@pytest.mark.parametrize("table", [f"{schema}.{table}" for schema, tables in TABLES.items() for table in tables])
def test_no_table_is_empty(rows: Query, table: str) -> None:
    assert rows(f"SELECT 1 FROM {table} LIMIT 1")


@pytest.mark.parametrize("dimension", BUCKETS)
def test_dimension_has_every_bucket(rows: Query, dimension: str) -> None:
    found = rows(f"SELECT DISTINCT bucket FROM mart.listening_preference WHERE dimension = '{dimension}'")

    assert {bucket for (bucket,) in found} == BUCKETS[dimension]


def test_albums_have_many_release_years_and_unknown_ones(rows: Query) -> None:
    found = {year for (year,) in rows("SELECT bucket FROM mart.listening_preference WHERE dimension = 'release_year'")}

    assert len(found) > 20 and "unknown" in found


def test_breaks_have_every_class_and_some_last_exactly_five_minutes(
    rows: Query,
) -> None:
    classes = {found for (found,) in rows("SELECT DISTINCT break_class FROM mart.break_distribution")}

    assert classes == {"continuous", "short", "long"}
    assert rows("""
        SELECT 1 FROM (SELECT started_at - lag(ended_at) OVER (PARTITION BY listener_id ORDER BY ended_at) AS length
                         FROM core.fct_play WHERE is_counted) AS breaks WHERE length = interval '5 minutes' LIMIT 1""")


def test_popularity_has_every_bracket_and_unknown_ones(rows: Query) -> None:
    found = {bracket for (bracket,) in rows("SELECT popularity_bracket FROM mart.popularity_distribution")}

    assert found == set(range(-1, 10))


def test_some_months_have_no_new_artist(rows: Query) -> None:
    assert rows("SELECT 1 FROM mart.discovery WHERE new_artist_count = 0 LIMIT 1")


def test_every_weekday_and_every_hour_has_plays(rows: Query) -> None:
    found = rows("SELECT iso_weekday, hour FROM mart.listening_clock")

    assert {weekday for weekday, _ in found} == set(range(1, 8))
    assert {hour for _, hour in found} == set(range(24))


def test_every_listener_has_many_streaks(rows: Query) -> None:
    assert all(count > 10 for (count,) in rows("SELECT count(*) FROM mart.listening_streak GROUP BY listener_id"))


def test_some_sessions_have_one_play_and_some_have_many(rows: Query) -> None:
    assert {1, 5} <= {count for (count,) in rows("SELECT DISTINCT play_count FROM mart.listening_session")}


def test_every_kind_of_period_reaches_rank_100(rows: Query) -> None:
    longest = rows("SELECT DISTINCT period FROM mart.top_item WHERE item_kind = 'track' AND rank = 100")

    assert {period for (period,) in longest} == {"month", "year", "all"}


def test_some_ranks_are_decided_only_by_the_id(rows: Query) -> None:
    assert rows("""
        SELECT 1 FROM mart.top_item GROUP BY listener_id, period, period_start, item_kind, play_count, listened_ms
        HAVING count(*) > 1 LIMIT 1""")


def test_some_counted_plays_have_no_album_and_some_no_length(rows: Query) -> None:
    assert rows("SELECT 1 FROM core.fct_play WHERE is_counted AND album_id IS NULL LIMIT 1")
    assert rows("SELECT 1 FROM core.fct_play WHERE is_counted AND listened_ms IS NULL LIMIT 1")
