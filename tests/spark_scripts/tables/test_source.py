"""Reading source: groups of bounded size, one snapshot, and lookups by id or of the whole table."""

import psycopg
import pytest
from pyspark.sql import SparkSession

from spark_scripts.tables import source as source_module
from spark_scripts.tables.source import listener_groups, open_source
from spark_scripts.tuning import PLAYS_TO_SEARCH_FOR_IDS
from tests.spark_scripts.support.databases import Databases


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "PLAYS_PER_READ", 10)
    monkeypatch.setattr(source_module, "LISTENERS_PER_READ", 3)


def test_groups_contain_whole_listeners_with_a_bounded_number_of_plays(small_groups: None) -> None:
    counts = {"a": 4, "b": 6, "c": 1, "d": 99, "e": 0, "f": 0, "g": 0, "h": 0}
    assert list(listener_groups(counts)) == [["a", "b"], ["c"], ["d"], ["e", "f", "g"], ["h"]]


@pytest.fixture
def track_ids(databases: Databases) -> list[str]:
    names = ["o'brien", 'say "x"', "tab\\t", "ünï", "?{$}%s"]
    track = {"title": "t", "artist_ids": ["r"]}
    databases.fill({"listener": [], "catalog_track": [{"track_id": name} | track for name in names]})
    return names


def test_every_connection_reads_the_exported_snapshot(
    spark: SparkSession, databases: Databases, track_ids: list[str]
) -> None:
    with open_source(spark, databases.source) as source:
        with psycopg.connect(databases.source_owner) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM raw.catalog_track")
        groups = [
            f"track_id >= '{low}'" if high is None else f"track_id < '{high}'" for low, high in [("p", None), ("", "p")]
        ]
        assert source.read_by_listener("raw.catalog_track", groups).count() == len(track_ids)


def test_lookup_finds_ids_with_special_characters(
    spark: SparkSession, databases: Databases, track_ids: list[str]
) -> None:
    with open_source(spark, databases.source) as source:
        found = source.lookup("raw.catalog_track", "track_id", [*track_ids[:4], "not there"])
        assert sorted(row.track_id for row in found.collect()) == sorted(track_ids[:4])
        assert source.lookup("raw.catalog_track", "track_id", []).collect() == []


def test_lookup_of_too_many_ids_reads_the_whole_table(
    spark: SparkSession, databases: Databases, track_ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = "SELECT track_id FROM raw.catalog_track WHERE cardinality(%(listeners)s::text[]) = 1"
    with open_source(spark, databases.source) as source:
        found = source.find_ids(tracks, {"bob": 1})
        assert found is not None and sorted(found) == sorted(track_ids)
        monkeypatch.setattr(source_module, "IDS_TO_LOOK_UP", len(track_ids) - 1)
        assert source.find_ids(tracks, {"bob": 1}) is None
        assert source.lookup("raw.catalog_track", "track_id", None).count() == len(track_ids)


def test_ids_of_too_many_plays_are_not_searched(
    spark: SparkSession, databases: Databases, track_ids: list[str]
) -> None:
    with open_source(spark, databases.source) as source:
        assert source.find_ids("not a query", {"bob": PLAYS_TO_SEARCH_FOR_IDS, "ana": 1}) is None
