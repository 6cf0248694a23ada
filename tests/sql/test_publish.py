"""audit.publish publishes a load as a whole or not at all, and writes only rows that differ."""

import re

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.conftest import migrate
from tests.sql.loads import begin, candidate, play, plays, publish, role


def test_first_load_inserts_rows_and_records_listener_versions(etl):
    begin(etl, 1, {"bob": 7}, [("track", "t1")])
    play(etl, 1)
    candidate(etl, "dim_track", 1, track_id="t1", title="One")
    assert publish(etl, 1) == ("published", None, 2, 0, 0)
    assert plays(etl) == [("p1", 60_000, 1)]
    assert etl.execute("SELECT * FROM audit.listener_version").fetchall() == [("bob", 7, 1, "these")]


def test_first_load_recreates_every_index(etl):
    indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('core', 'mart') ORDER BY 1"
    before = etl.execute(indexes).fetchall()
    begin(etl, 1, {"bob": 7})
    play(etl, 1)
    publish(etl, 1)
    assert any("(track_id," in definition for (definition,) in before)
    assert etl.execute(indexes).fetchall() == before


def test_publish_does_not_scan_a_table_once_per_candidate_row(etl, main_url):
    # As autovacuum does once all rows were deleted, or a publish cut short.
    with psycopg.connect(main_url, autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE) core.fct_play")
    begin(etl, 1, {"bob": 7})
    for number in range(500):
        play(etl, 1, play_id=f"p{number}")
    etl.execute("ANALYZE candidate.fct_play")
    with etl.transaction():
        assert publish(etl, 1) == ("published", None, 500, 0, 0)
        (scans,) = etl.execute("SELECT pg_stat_get_xact_numscans('core.fct_play'::regclass)").fetchone()
    assert scans < 50


def test_publish_table_rejects_tables_outside_core_and_mart(etl):
    with role(etl, "publisher"), pytest.raises(psycopg.errors.RaiseException, match=r"audit\.load is not published"):
        etl.execute("SELECT audit.publish_table('audit.load', 1)")


def test_load_with_candidates_of_another_type_is_rejected(etl, main_url):
    begin(etl, 1, {"bob": 7})
    with psycopg.connect(main_url) as owner:
        owner.execute("ALTER TABLE candidate.fct_play ALTER COLUMN hour TYPE text")
    try:
        status, reason, *_ = publish(etl, 1)
    finally:
        migrate("main", main_url)
    assert status == "rejected"
    assert reason == (
        "The candidates of core.fct_play have other columns than the tables: run make migrate, then the load again."
    )


def test_audit_forgets_deleted_listeners_and_keeps_their_loads(etl, main_url):
    versions: dict[int, dict[str, int | None]] = {1: {"ana": 1, "bob": 3}, 2: {"bob": None}}
    for load_id, read in versions.items():
        begin(etl, load_id, read)
        etl.execute("UPDATE audit.load SET listener_versions = %s WHERE load_id = %s", (Jsonb(read), load_id))
        if load_id == 1:
            assert publish(etl, 1)[0] == "published"
            # bob differed once. cleo was deleted after a load that failed, so nothing of cleo was ever published.
            with psycopg.connect(main_url) as owner:
                owner.execute("INSERT INTO audit.difference VALUES (1, 'core.fct_play', 'bob', 0, 1, 0, now())")
                owner.execute(
                    "INSERT INTO audit.load VALUES (0, 'run 0', now(), now(), 'failed', NULL, 'incremental', 1, %s, 0, 0, 0)",
                    (Jsonb({"cleo": 1}),),
                )
    assert publish(etl, 2)[0] == "published"
    [(bob,)] = etl.execute("SELECT listener_id FROM audit.difference").fetchall()
    (_, cleo, _), *others = etl.execute("SELECT * FROM audit.load_input ORDER BY load_id, version").fetchall()
    assert others == [(1, "ana", 1), (1, bob, 3), (2, bob, None)]
    assert bob != cleo and all(re.fullmatch(r"deleted:[0-9a-f-]{36}", name) for name in (bob, cleo))


def test_publishing_the_same_input_again_writes_nothing(etl):
    for load_id in (1, 2):
        begin(etl, load_id, {"bob": 7}, [("track", "t1")])
        play(etl, load_id)
        candidate(etl, "dim_track", load_id, track_id="t1", title=None)
        outcome = publish(etl, load_id)
    assert outcome == ("published", None, 0, 0, 0)
    assert plays(etl) == [("p1", 60_000, 1)]
    assert etl.execute("SELECT load_id FROM audit.listener_version").fetchall() == [(1,)]


def test_publish_writes_only_rows_that_differ_including_nulls(etl):
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


def test_publish_keeps_rows_of_listeners_and_items_outside_the_load(etl):
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


def test_publish_deletes_the_version_of_a_deleted_listener(etl):
    begin(etl, 1, {"bob": 1})
    publish(etl, 1)
    begin(etl, 2, {"bob": None})
    publish(etl, 2)
    assert etl.execute("SELECT * FROM audit.listener_version").fetchall() == []


def test_publish_replaces_credits_of_tracks_in_the_load(etl):
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


def test_publishing_a_published_load_again_changes_nothing(etl):
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    publish(etl, 1)
    before = etl.execute("SELECT finished_at FROM audit.load").fetchall()
    assert publish(etl, 1) == ("published", None, 1, 0, 0)
    assert etl.execute("SELECT finished_at FROM audit.load").fetchall() == before


def test_failed_check_rejects_the_load_and_keeps_published_rows(etl):
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    publish(etl, 1)
    begin(etl, 2, {"bob": 2})
    play(etl, 2, ms_played=-1)
    with role(etl, "gate"):
        etl.execute("INSERT INTO audit.check_result VALUES (2, 'core.fct_play', 'no play is negative', 'fail', 1, 1)")
    status, reason, *written = publish(etl, 2)
    assert (status, written) == ("rejected", [0, 0, 0])
    assert reason == "The gate failed on core.fct_play: no play is negative (1 rows)."
    assert plays(etl) == [("p1", 60_000, 1)]
    assert etl.execute("SELECT version FROM audit.listener_version").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ("DELETE FROM audit.check_result", "The gate has not run on load 1: run it, then publish."),
        (
            "DELETE FROM audit.check_result WHERE table_name = 'core.fct_play'",
            "The gate has not checked core.fct_play: run it again, then publish.",
        ),
        (
            "UPDATE audit.check_result SET outcome = 'error' WHERE table_name = 'core.coverage'",
            "The gate failed on core.coverage",
        ),
        ("DELETE FROM candidate.complete", "The candidates of load 1 are incomplete"),
        ("UPDATE candidate.complete SET load_id = 2", "The candidates of load 1 are incomplete"),
    ],
)
def test_publish_rejects_unchecked_or_incomplete_load(etl, spoil, reason):
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    with role(etl, "postgres"):
        etl.execute(spoil)
    outcome = publish(etl, 1)
    assert outcome[0] == "rejected" and outcome[1].startswith(reason)
    assert plays(etl) == []


def test_publish_accepts_load_with_warning(etl):
    begin(etl, 1, {"bob": 1})
    with role(etl, "gate"):
        etl.execute("UPDATE audit.check_result SET outcome = 'warn'")
    assert publish(etl, 1)[0] == "published"


def test_rejected_load_is_published_after_its_gate_passes(etl):
    begin(etl, 1, {"bob": 1})
    play(etl, 1)
    with role(etl, "gate"):
        etl.execute("UPDATE audit.check_result SET outcome = 'fail'")
    publish(etl, 1)
    with role(etl, "gate"):
        etl.execute("UPDATE audit.check_result SET outcome = 'pass'")
    assert publish(etl, 1) == ("published", None, 1, 0, 0)


def test_error_during_publish_changes_nothing(etl):
    begin(etl, 1, {"bob": 1})
    candidate(etl, "coverage", 1, listener_id="bob", started_at="2026-01-01Z", ended_at="2026-01-02Z", basis="polled")
    play(etl, 1)
    play(etl, 1)  # A duplicate key that no check found.
    with pytest.raises(psycopg.errors.UniqueViolation):
        publish(etl, 1)
    assert etl.execute("SELECT count(*) FROM core.coverage").fetchone() == (0,)
    assert etl.execute("SELECT status FROM audit.load").fetchone() == ("running",)


def test_failed_load_is_not_published(etl):
    begin(etl, 1, {"bob": 1})
    etl.execute("UPDATE audit.load SET status = 'failed', reason = 'broke'")
    assert publish(etl, 1)[:2] == ("failed", "broke")


def test_publish_raises_error_for_unknown_load(etl):
    with pytest.raises(psycopg.errors.RaiseException, match=r"Load 9 does not exist: start one first\."):
        publish(etl, 9)


@pytest.fixture
def impatient(main_url):
    """Shorten the lock time-out of audit.publish for this test."""
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as owner:
        owner.execute("ALTER FUNCTION audit.publish(bigint) SET lock_timeout = '50ms'")
        yield
        owner.execute("ALTER FUNCTION audit.publish(bigint) SET lock_timeout = '60s'")


@pytest.mark.parametrize("lock", ["audit.load_lock()", "audit.candidate_lock()"])
def test_publish_gives_up_when_a_lock_is_held(etl, main_url, impatient, lock):
    begin(etl, 1, {"bob": 1})
    with psycopg.connect(main_url, connect_timeout=10) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({lock})")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            publish(etl, 1)
    assert publish(etl, 1)[0] == "published"


def test_publish_records_definitions_of_each_listener(etl):
    for load_id, definitions in enumerate(("these", "others"), start=1):
        begin(etl, load_id, {"bob": 7}, definitions=definitions)
        play(etl, load_id)
        publish(etl, load_id)
    assert etl.execute("SELECT * FROM audit.listener_version").fetchall() == [("bob", 7, 2, "others")]


@pytest.mark.parametrize("definitions, found", [("these", 1), ("others", 0)])
def test_compare_reports_differences_only_for_unchanged_definitions(etl, definitions, found):
    begin(etl, 1, {"bob": 7})
    play(etl, 1)
    publish(etl, 1)
    begin(etl, 2, {"bob": 7}, definitions=definitions)
    play(etl, 2, ms_played=61_000)
    assert len(etl.execute("SELECT * FROM audit.compare(2)").fetchall()) == found
