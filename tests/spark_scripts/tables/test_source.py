"""Reading source: bounded groups, one snapshot, and ids looked up by name or not."""

import psycopg2
import pytest

from spark_scripts.tables import source as source_module
from spark_scripts.tables.source import grouped, open_source


@pytest.fixture
def small_groups(monkeypatch):
    monkeypatch.setattr(source_module, "PLAYS_A_GROUP", 10)
    monkeypatch.setattr(source_module, "LISTENERS_A_GROUP", 3)


def test_listeners_are_grouped_by_their_plays_each_whole(small_groups):
    counts = {"a": 4, "b": 6, "c": 1, "d": 99, "e": 0, "f": 0, "g": 0, "h": 0}
    assert list(grouped(counts)) == [["a", "b"], ["c"], ["d"], ["e", "f", "g"], ["h"]]


@pytest.fixture
def filled(databases):
    names = ["o'brien", 'say "x"', "tab\\t", "ünï", "?{$}%s"]
    track = {"title": "t", "artist_ids": ["r"]}
    databases.fill({"listener": [], "catalog_track": [{"track_id": name} | track for name in names]})
    return names


def test_every_connection_reads_the_snapshot_that_was_exported(spark, databases, filled):
    with open_source(spark, databases.source) as source:
        with psycopg2.connect(databases.source_owner) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM raw.catalog_track")
        groups = [
            f"track_id >= '{low}'" if high is None else f"track_id < '{high}'" for low, high in [("p", None), ("", "p")]
        ]
        assert source.of_listeners("raw.catalog_track", groups).count() == len(filled)


def test_ids_of_any_shape_are_looked_up_by_name(spark, databases, filled):
    with open_source(spark, databases.source) as source:
        found = source.lookup("raw.catalog_track", "track_id", [*filled[:4], "not there"])
        assert sorted(row.track_id for row in found.collect()) == sorted(filled[:4])
        assert source.lookup("raw.catalog_track", "track_id", []).collect() == []


def test_ids_that_are_too_many_to_be_named_read_the_table_whole(spark, databases, filled, monkeypatch):
    tracks = "SELECT track_id FROM raw.catalog_track WHERE cardinality(%(listeners)s) = 1"
    with open_source(spark, databases.source) as source:
        assert sorted(source.few_ids(tracks, {"bob": 1})) == sorted(filled)
        monkeypatch.setattr(source_module, "IDS_IN_A_LIST", len(filled) - 1)
        assert source.few_ids(tracks, {"bob": 1}) is None
        assert source.lookup("raw.catalog_track", "track_id", None).count() == len(filled)


def test_the_ids_of_many_plays_are_not_asked_for(spark, databases, filled):
    with open_source(spark, databases.source) as source:
        assert source.few_ids("no query at all", {"bob": source_module.PLAYS_ASKED_FOR_IDS, "ana": 1}) is None
