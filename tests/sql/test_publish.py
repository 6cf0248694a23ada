"""audit.publish publishes a load as a whole or not at all, and writes only rows that differ."""

import psycopg
import pytest

from tests.sql.loads import begin, candidate, play, plays, publish, role


def test_first_load_inserts_rows_and_records_listener_versions(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 7}, [("track", "t1")])
    play(etl, 1)
    candidate(etl, "dim_track", 1, track_id="t1", title="One")
    assert publish(etl, 1) == ("published", None, 2, 0, 0)
    assert plays(etl) == [("p1", 60_000, 1)]
    assert etl.execute("SELECT * FROM audit.listener_version").fetchall() == [("bob", 7, 1, "these")]


def test_first_load_recreates_every_index(etl: psycopg.Connection) -> None:
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('core', 'mart') ORDER BY 1"
    before = etl.execute(indexes).fetchall()
    begin(etl, 1, {"bob": 7})
    play(etl, 1)
    publish(etl, 1)
    assert any("(track_id," in definition for (definition,) in before)
    assert etl.execute(indexes).fetchall() == before


def test_publish_does_not_scan_a_table_once_per_candidate_row(etl: psycopg.Connection, main_url: str) -> None:
    # As autovacuum does once all rows were deleted, or a publish cut short.
    with psycopg.connect(main_url, autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE) core.fct_play")
    begin(etl, 1, {"bob": 7})
    for number in range(500):
        play(etl, 1, play_id=f"p{number}")
    etl.execute("ANALYZE candidate.fct_play")
    with etl.transaction():
        assert publish(etl, 1) == ("published", None, 500, 0, 0)
        [(scans,)] = etl.execute("SELECT pg_stat_get_xact_numscans('core.fct_play'::regclass)").fetchall()
    assert scans < 50


def test_publish_table_rejects_tables_outside_core_and_mart(etl: psycopg.Connection) -> None:
    with role(etl, "publisher"), pytest.raises(psycopg.errors.RaiseException, match=r"audit\.load is not published"):
        etl.execute("SELECT audit.publish_table('audit.load', 1)")


def test_publishing_the_same_input_again_writes_nothing(etl: psycopg.Connection) -> None:
    for load_id in (1, 2):
        begin(etl, load_id, {"bob": 7}, [("track", "t1")])
        play(etl, load_id)
        candidate(etl, "dim_track", load_id, track_id="t1", title=None)
        outcome = publish(etl, load_id)
    assert outcome == ("published", None, 0, 0, 0)
    assert plays(etl) == [("p1", 60_000, 1)]
    assert etl.execute("SELECT load_id FROM audit.listener_version").fetchall() == [(1,)]


def test_publish_writes_only_rows_that_differ_including_nulls(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    for name in ("changed", "gone", "same", "without platform"):
        play(etl, 1, play_id=name, platform="ios")
    publish(etl, 1)
    begin(etl, 2, {"bob": 2})
    play(etl, 2, play_id="changed", platform="ios", ms_played=70_000)
    play(etl, 2, play_id="new", platform="ios")
    play(etl, 2, play_id="same", platform="ios")
    play(etl, 2, play_id="without platform", platform=None)
    assert publish(etl, 2) == ("published", None, 1, 2, 1)
    assert plays(etl) == [
        ("changed", 70_000, 2),
        ("new", 60_000, 2),
        ("same", 60_000, 1),
        ("without platform", 60_000, 2),
    ]


def test_publish_keeps_rows_of_listeners_and_items_outside_the_load(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"ana": 1, "bob": 1}, [("track", "t1"), ("track", "t2")])
    play(etl, 1, play_id="a", listener_id="ana")
    play(etl, 1, play_id="b", listener_id="bob")
    candidate(etl, "dim_track", 1, track_id="t1", title="One")
    candidate(etl, "dim_track", 1, track_id="t2", title="Two")
    publish(etl, 1)
    begin(etl, 2, {"bob": 2}, [("track", "t2")])
    assert publish(etl, 2) == ("published", None, 0, 0, 2)
    assert plays(etl) == [("a", 60_000, 1)]
    assert etl.execute("SELECT track_id FROM core.dim_track").fetchall() == [("t1",)]


def test_publish_deletes_the_version_of_a_deleted_listener(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    publish(etl, 1)
    begin(etl, 2, {"bob": None})
    publish(etl, 2)
    assert etl.execute("SELECT * FROM audit.listener_version").fetchall() == []


def test_publish_replaces_credits_of_tracks_in_the_load(etl: psycopg.Connection) -> None:
    begin(etl, 1, {}, [("track", "t1")])
    for position, artist in enumerate(("r1", "r2", "r3")):
        candidate(etl, "bridge_track_artist", 1, track_id="t1", position=position, artist_id=artist)
    publish(etl, 1)
    begin(etl, 2, {}, [("track", "t1")])
    for position, artist in enumerate(("r1", "r9")):
        candidate(etl, "bridge_track_artist", 2, track_id="t1", position=position, artist_id=artist)
    assert publish(etl, 2) == ("published", None, 0, 1, 1)
    credits = etl.execute("SELECT position, artist_id, load_id FROM core.bridge_track_artist ORDER BY 1").fetchall()
    assert credits == [(0, "r1", 1), (1, "r9", 2)]


def test_publishing_a_published_load_again_changes_nothing(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    publish(etl, 1)
    before = etl.execute("SELECT finished_at FROM audit.load").fetchall()
    assert publish(etl, 1) == ("published", None, 1, 0, 0)
    assert etl.execute("SELECT finished_at FROM audit.load").fetchall() == before


def test_error_during_publish_changes_nothing(etl: psycopg.Connection) -> None:
    begin(etl, 1, {"bob": 1})
    candidate(etl, "coverage", 1, listener_id="bob", started_at="2026-01-01Z", ended_at="2026-01-02Z", basis="polled")
    play(etl, 1)
    play(etl, 1)  # A duplicate key that no check found.
    with pytest.raises(psycopg.errors.UniqueViolation):
        publish(etl, 1)
    assert etl.execute("SELECT count(*) FROM core.coverage").fetchone() == (0,)
    assert etl.execute("SELECT status FROM audit.load").fetchone() == ("running",)


def test_publish_records_definitions_of_each_listener(etl: psycopg.Connection) -> None:
    for load_id, definitions in enumerate(("these", "others"), start=1):
        begin(etl, load_id, {"bob": 7}, definitions=definitions)
        play(etl, load_id)
        publish(etl, load_id)
    assert etl.execute("SELECT * FROM audit.listener_version").fetchall() == [("bob", 7, 2, "others")]


@pytest.mark.parametrize("definitions, found", [("these", 1), ("others", 0)])
def test_compare_reports_differences_only_for_unchanged_definitions(
    etl: psycopg.Connection, definitions: str, found: int
) -> None:
    begin(etl, 1, {"bob": 7})
    play(etl, 1)
    publish(etl, 1)
    begin(etl, 2, {"bob": 7}, definitions=definitions)
    play(etl, 2, ms_played=61_000)
    assert len(etl.execute("SELECT * FROM audit.compare(2)").fetchall()) == found
