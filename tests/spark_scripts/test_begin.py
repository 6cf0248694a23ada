"""Begin: one load number per run, one load at a time, and only listeners that changed."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from common.exit_codes import ExitCode
from spark_scripts.begin import Selection, begin
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
from spark_scripts.loads.listener_versions import verified_on
from tests.spark_scripts.support.databases import Databases

ROOT = Path(__file__).parents[2]
Fill = Callable[..., None]


def listener(name: str, version: int) -> dict[str, Any]:
    return {"listener_id": name, "display_name": name, "version": version}


@pytest.fixture
def source(databases: Databases) -> Fill:
    """Empty main, and return a function: source(ana=3) replaces the listeners of source with these, at these versions."""
    databases.empty_main()

    def fill(**versions: int) -> None:
        databases.fill({"listener": [listener(*item) for item in versions.items()]})

    return fill


def run(databases: Databases, run_id: str, selection: Selection | None = None) -> dict[str, int]:
    return begin(databases.source, databases.main, run_id, selection)


def load_rows(databases: Databases) -> list[tuple[Any, ...]]:
    return databases.execute("SELECT load_id, run_id, status FROM audit.load ORDER BY load_id")


def published(databases: Databases, **versions: int) -> None:
    for item in versions.items():
        databases.execute("INSERT INTO audit.listener_version VALUES (%s, %s, 1, %s)", (*item, digest()))


def test_load_selects_new_changed_and_removed_listeners(databases: Databases, source: Fill) -> None:
    source(ana=1, bob=2, new=1)
    published(databases, ana=1, bob=1, gone=5)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 3}
    versions = databases.execute("SELECT kind, listeners_touched, listener_versions FROM audit.load")
    assert versions == [("incremental", 3, {"bob": 2, "gone": None, "new": 1})]


@pytest.mark.parametrize("definitions", ["of another version", None])
def test_load_selects_listeners_computed_with_other_definitions(
    databases: Databases, source: Fill, definitions: str | None
) -> None:
    source(ana=1, bob=2)
    published(databases, ana=1, bob=2, gone=3)
    databases.execute("UPDATE audit.listener_version SET definitions = %s WHERE listener_id <> 'ana'", (definitions,))
    run(databases, "r1")
    versions = databases.execute("SELECT kind, listener_versions FROM audit.load")
    assert versions == [("incremental", {"bob": 2, "gone": None})]


def test_rebuild_selects_all_listeners(databases: Databases, source: Fill) -> None:
    source(ana=1, bob=2)
    published(databases, ana=1, bob=2)
    assert run(databases, "r1", Selection(rebuild=True)) == {"load_id": 1, "listeners": 2}


def test_rebuild_of_one_listener_also_selects_changed_ones(databases: Databases, source: Fill) -> None:
    source(ana=1, bob=2, carla=1)
    published(databases, ana=1, bob=2, carla=0)
    assert run(databases, "r1", Selection(rebuild=True, listener="ana")) == {"load_id": 1, "listeners": 2}
    found = databases.execute("SELECT kind, listener_versions FROM audit.load")
    assert found == [("rebuild", {"ana": 1, "carla": 1})]


def test_rebuild_of_an_unknown_listener_names_the_known_ones(databases: Databases, source: Fill) -> None:
    source(bob=1, ana=1)
    with pytest.raises(UnknownListener, match=r"^There is no listener zoe\. Choose one of: ana, bob\.$"):
        run(databases, "r1", Selection(rebuild=True, listener="zoe"))
    assert load_rows(databases) == []


def test_every_listener_is_verified_once_in_ten_days(databases: Databases, source: Fill) -> None:
    listeners = [f"l{n}" for n in range(500)]
    day = date(2026, 11, 25)
    tenths = [verified_on(day + timedelta(days=n), listeners) for n in range(10)]
    assert sorted(listener for tenth in tenths for listener in tenth) == sorted(listeners)
    assert all(25 < len(tenth) < 75 for tenth in tenths)
    # The day of a listener does not depend on the other listeners.
    assert verified_on(day, listeners[:250]) == tenths[0] & set(listeners[:250])


def test_nightly_run_selects_changed_listeners_and_its_tenth(databases: Databases, source: Fill) -> None:
    source(**{f"l{n}": 1 for n in range(40)} | {"new": 1})
    published(databases, **{f"l{n}": 1 for n in range(40)})
    tenth = verified_on(date(2026, 11, 25), [f"l{n}" for n in range(40)])
    run(databases, "r1", Selection(verify_on=date(2026, 11, 25)))
    ((kind, versions),) = databases.execute("SELECT kind, listener_versions FROM audit.load")
    assert kind == "incremental" and tenth and versions.keys() == tenth | {"new"}


def test_load_without_changes_is_recorded_as_published(databases: Databases, source: Fill) -> None:
    source(ana=1)
    published(databases, ana=1)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 0}
    found = databases.execute("SELECT status, listeners_touched, rows_inserted, finished_at IS NULL FROM audit.load")
    assert found == [("published", 0, 0, False)]


def test_retry_gets_the_same_load_and_selects_later_changes(databases: Databases, source: Fill) -> None:
    source(ana=1)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 1}
    source(ana=2, bob=1)
    assert run(databases, "r1") == {"load_id": 1, "listeners": 2}


def test_retry_of_a_published_run_selects_no_listeners(databases: Databases, source: Fill) -> None:
    source(ana=1)
    run(databases, "r1")
    databases.execute("UPDATE audit.load SET status = 'published'")
    assert run(databases, "r1") == {"load_id": 1, "listeners": 0}


def test_next_run_supersedes_a_crashed_load_which_can_begin_again(databases: Databases, source: Fill) -> None:
    source(ana=1)
    run(databases, "crashed")
    assert run(databases, "next") == {"load_id": 2, "listeners": 1}
    assert load_rows(databases) == [(1, "crashed", "failed"), (2, "next", "running")]
    assert run(databases, "crashed") == {"load_id": 1, "listeners": 1}
    assert load_rows(databases) == [(1, "crashed", "running"), (2, "next", "failed")]


def test_superseded_load_cannot_resume(databases: Databases, source: Fill) -> None:
    source(ana=1)
    run(databases, "first")
    run(databases, "second")
    with psycopg.connect(databases.main) as connection, connection.cursor() as cursor:
        with pytest.raises(LoadSuperseded, match="Load 2 has started since load 1"):
            records.resume_load(cursor, 1)
        with pytest.raises(LoadUnknown, match="Load 9 does not exist"):
            records.resume_load(cursor, 9)


def test_resumed_load_has_no_check_results(databases: Databases, source: Fill) -> None:
    source(ana=1)
    run(databases, "r1")
    databases.execute("INSERT INTO audit.check_result VALUES (1, 'core.fct_play', 'a check', 'fail', 1, 1)")
    databases.execute("UPDATE audit.load SET status = 'rejected', reason = 'why'")
    with psycopg.connect(databases.main) as connection, connection.cursor() as cursor:
        assert records.resume_load(cursor, 1).status == "rejected"
    assert databases.execute("SELECT status, reason FROM audit.load") == [("running", None)]
    assert databases.execute("SELECT count(*) FROM audit.check_result") == [(0,)]


def test_begin_stops_waiting_for_another_load_after_the_lock_timeout(
    databases: Databases, source: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    source(ana=1)
    monkeypatch.setattr(records, "LOCK_TIMEOUT", 1)
    with psycopg.connect(databases.main) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(audit.candidate_lock())")
        with pytest.raises(LoadBusy, match="Try again when it has finished"):
            run(databases, "r1")


def test_error_names_a_database_that_does_not_answer_or_is_not_migrated(databases: Databases, server_url: str) -> None:
    with pytest.raises(
        DatabaseUnreachable, match=r"^Cannot connect to the database main at 127\.0\.0\.1:1 \("
    ) as failure:
        begin(databases.source, "postgresql://etl:secret@127.0.0.1:1/main", "r1")
    assert "secret" not in str(failure.value)
    with pytest.raises(NotMigrated, match="Run make migrate"):
        begin(server_url, databases.main, "r1")


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_commands_print_json_as_their_last_line(databases: Databases, source: Fill) -> None:
    source(ana=1)
    urls = {"SOURCE_DATABASE_URL": databases.source, "ETL_DATABASE_URL": databases.main}
    load = command("spark_scripts.begin", "--run-id", "r1", **urls)
    assert (load.returncode, json.loads(load.stdout.splitlines()[-1])) == (0, {"load_id": 1, "listeners": 1})
    rejected = command("spark_scripts.publish", "--load-id", "1", **urls)
    assert rejected.returncode == ExitCode.NO
    assert json.loads(rejected.stdout.splitlines()[-1])["status"] == "rejected"
    unknown = command("spark_scripts.publish", "--load-id", "9", **urls)
    assert unknown.returncode == ExitCode.COULD_NOT_RUN
    assert unknown.stderr.startswith("Load 9 does not exist")


def test_missing_setting_is_named(databases: Databases) -> None:
    done = command("spark_scripts.begin", "--run-id", "r1", SOURCE_DATABASE_URL=databases.source)
    assert done.returncode == ExitCode.COULD_NOT_RUN
    assert "ETL_DATABASE_URL" in done.stderr and "SOURCE_DATABASE_URL" not in done.stderr


def test_unknown_listener_and_usage_error_have_their_own_exit_codes(databases: Databases, source: Fill) -> None:
    source(ana=1)
    urls = {"SOURCE_DATABASE_URL": databases.source, "ETL_DATABASE_URL": databases.main}
    unknown = command("spark_scripts.begin", "--run-id", "r1", "--rebuild", "--listener", "zoe", **urls)
    assert (unknown.returncode, unknown.stdout) == (ExitCode.NO, "")
    usage = command("spark_scripts.begin", "--run-id", "r1", "--listener", "ana", **urls)
    assert usage.returncode == ExitCode.USAGE and "--listener needs --rebuild." in usage.stderr


def test_unexpected_error_is_not_mistaken_for_a_rejected_load(databases: Databases, source: Fill) -> None:
    """Python's own exit code for an uncaught exception is 1, which means that the answer is no."""
    databases.execute("ALTER TABLE audit.load RENAME COLUMN kind TO renamed")
    try:
        done = command(
            "spark_scripts.publish", "--load-id", "1",
            SOURCE_DATABASE_URL=databases.source, ETL_DATABASE_URL=databases.main,
        )  # fmt: skip
    finally:
        databases.execute("ALTER TABLE audit.load RENAME COLUMN renamed TO kind")
    assert done.returncode == ExitCode.COULD_NOT_RUN
    assert "UndefinedColumn" in done.stderr
