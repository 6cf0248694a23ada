"""Beginning a load: one number a run, one load at a time, and only listeners that changed."""

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import psycopg2
import pytest

from spark_scripts.begin import Wish, begin
from spark_scripts.errors import (
    DatabaseUnreachable,
    LoadBusy,
    LoadSuperseded,
    LoadUnknown,
    NotMigrated,
    UnknownListener,
)
from spark_scripts.loads import records
from spark_scripts.loads.definitions import digest
from spark_scripts.loads.listener_versions import tenth_of

ROOT = Path(__file__).parents[2]


def listener(name, version):
    return {"listener_id": name, "display_name": name, "version": version}


@pytest.fixture
def source(databases):
    """Main is empty; source(ana=3) makes source hold just these listeners, at these versions."""
    databases.forget_main()

    def fill(**versions):
        databases.fill({"listener": [listener(*item) for item in versions.items()]})

    return fill


def run(databases, run_id, wish=None):
    return begin(databases.source, databases.main, run_id, wish)


def load_rows(databases):
    return databases.execute("SELECT load_id, run_id, status FROM audit.load ORDER BY load_id")


def published(databases, **versions):
    for item in versions.items():
        databases.execute("INSERT INTO audit.listener_version VALUES (%s, %s, 1, %s)", (*item, digest()))


def test_a_load_takes_who_is_new_changed_or_gone(databases, source):
    source(ana=1, bob=2, new=1)
    published(databases, ana=1, bob=1, gone=5)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 3}
    versions = databases.execute("SELECT kind, listeners_touched, listener_versions FROM audit.load")
    assert versions == [("incremental", 3, {"bob": 2, "gone": None, "new": 1})]


@pytest.mark.parametrize("definitions", ["of another version", None])
def test_a_load_takes_everybody_whom_other_definitions_computed(databases, source, definitions):
    source(ana=1, bob=2)
    published(databases, ana=1, bob=2, gone=3)
    databases.execute("UPDATE audit.listener_version SET definitions = %s WHERE listener_id <> 'ana'", (definitions,))
    run(databases, "r1")
    versions = databases.execute("SELECT kind, listener_versions FROM audit.load")
    assert versions == [("incremental", {"bob": 2, "gone": None})]


def test_a_rebuild_takes_everybody(databases, source):
    source(ana=1, bob=2)
    published(databases, ana=1, bob=2)
    assert run(databases, "r1", Wish(rebuild=True)) == {"load_id": 1, "listeners": 2}


def test_a_rebuild_of_one_takes_that_one_and_who_changed(databases, source):
    source(ana=1, bob=2, carla=1)
    published(databases, ana=1, bob=2, carla=0)
    assert run(databases, "r1", Wish(rebuild=True, listener="ana")) == {"load_id": 1, "listeners": 2}
    found = databases.execute("SELECT kind, listener_versions FROM audit.load")
    assert found == [("rebuild", {"ana": 1, "carla": 1})]


def test_a_rebuild_of_nobody_says_who_there_is(databases, source):
    source(bob=1, ana=1)
    with pytest.raises(UnknownListener, match=r"^There is no listener zoe; there are: ana, bob\.$"):
        run(databases, "r1", Wish(rebuild=True, listener="zoe"))
    assert load_rows(databases) == []


def test_in_ten_days_every_listener_is_verified_once(databases, source):
    listeners = [f"l{n}" for n in range(500)]
    day = date(2026, 11, 25)
    turns = [tenth_of(day + timedelta(days=n), listeners) for n in range(10)]
    assert sorted(listener for turn in turns for listener in turn) == sorted(listeners)
    assert all(25 < len(turn) < 75 for turn in turns)
    assert tenth_of(day, listeners[:250]) == turns[0] & set(
        listeners[:250]
    )  # Nobody's turn depends on who else there is.


def test_a_night_takes_who_changed_and_its_tenth(databases, source):
    source(**{f"l{n}": 1 for n in range(40)} | {"new": 1})
    published(databases, **{f"l{n}": 1 for n in range(40)})
    turn = tenth_of(date(2026, 11, 25), [f"l{n}" for n in range(40)])
    run(databases, "r1", Wish(verify_on=date(2026, 11, 25)))
    ((kind, versions),) = databases.execute("SELECT kind, listener_versions FROM audit.load")
    assert kind == "incremental" and turn and versions.keys() == turn | {"new"}


def test_when_nothing_differs_a_published_load_with_zeros_is_recorded(databases, source):
    source(ana=1)
    published(databases, ana=1)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 0}
    found = databases.execute("SELECT status, listeners_touched, rows_inserted, finished_at IS NULL FROM audit.load")
    assert found == [("published", 0, 0, False)]


def test_a_retry_gets_the_same_load_and_sees_what_changed_meanwhile(databases, source):
    source(ana=1)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 1}
    source(ana=2, bob=1)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 2}


def test_a_retry_of_a_published_run_has_nothing_to_do(databases, source):
    source(ana=1)
    run(databases, "r1")
    databases.execute("UPDATE audit.load SET status = 'published'")
    assert run(databases, "r1") == {"load_id": 1, "listeners": 0}


def test_the_next_run_closes_a_load_that_died_and_that_one_may_begin_again(databases, source):
    source(ana=1)
    run(databases, "dead")
    assert run(databases, "next") == {"load_id": 2, "listeners": 1}
    assert load_rows(databases) == [(1, "dead", "failed"), (2, "next", "running")]
    assert run(databases, "dead") == {"load_id": 1, "listeners": 1}
    assert load_rows(databases) == [(1, "dead", "running"), (2, "next", "failed")]


def test_a_load_that_lost_its_turn_may_not_write(databases, source):
    source(ana=1)
    run(databases, "first")
    run(databases, "second")
    with psycopg2.connect(databases.main) as connection, connection.cursor() as cursor:
        with pytest.raises(LoadSuperseded, match="Load 2 has begun since load 1"):
            records.resume_load(cursor, 1)
        with pytest.raises(LoadUnknown, match="There is no load 9"):
            records.resume_load(cursor, 9)


def test_computing_again_forgets_the_verdicts_on_what_was_there(databases, source):
    source(ana=1)
    run(databases, "r1")
    databases.execute("INSERT INTO audit.check_result VALUES (1, 'core.fct_play', 'is in order', 'fail', 1, 1)")
    databases.execute("UPDATE audit.load SET status = 'rejected', reason = 'why'")
    with psycopg2.connect(databases.main) as connection, connection.cursor() as cursor:
        assert records.resume_load(cursor, 1).status == "rejected"
    assert databases.execute("SELECT status, reason FROM audit.load") == [("running", None)]
    assert databases.execute("SELECT count(*) FROM audit.check_result") == [(0,)]


def test_while_another_load_is_computed_a_run_waits_only_so_long(databases, source, monkeypatch):
    source(ana=1)
    monkeypatch.setattr(records, "LOCK_TIMEOUT", 1)
    with psycopg2.connect(databases.main) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(audit.candidate_lock())")
        with pytest.raises(LoadBusy, match="try again when it has finished"):
            run(databases, "r1")


def test_a_database_that_is_away_or_not_migrated_is_one_sentence(databases, server_url):
    with pytest.raises(DatabaseUnreachable, match=r"^The database main at 127\.0\.0\.1:1 did not answer") as away:
        begin(databases.source, "postgresql://etl:secret@127.0.0.1:1/main", "r1")
    assert "secret" not in str(away.value)
    with pytest.raises(NotMigrated, match="Run make migrate"):
        begin(server_url, databases.main, "r1")


def command(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_commands_end_with_one_line_of_json(databases, source):
    source(ana=1)
    urls = {"SOURCE_DATABASE_URL": databases.source, "ETL_DATABASE_URL": databases.main}
    begun = command("spark_scripts.begin", "--run-id", "r1", **urls)
    assert (begun.returncode, json.loads(begun.stdout.splitlines()[-1])) == (0, {"load_id": 1, "listeners": 1})
    refused = command("spark_scripts.publish", "--load-id", "1", **urls)
    assert refused.returncode == 2
    assert json.loads(refused.stdout.splitlines()[-1])["status"] == "rejected"
    unknown = command("spark_scripts.publish", "--load-id", "9", **urls)
    assert (unknown.returncode, unknown.stderr) == (1, "There is no load 9: begin one first.\n")


def test_a_missing_setting_is_named(databases):
    done = command("spark_scripts.begin", "--run-id", "r1", SOURCE_DATABASE_URL=databases.source)
    assert done.returncode == 1
    assert done.stderr == "Missing or unreadable settings: ETL_DATABASE_URL. Put them into the environment.\n"
