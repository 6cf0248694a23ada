"""Each verification is recorded in main: what it found, or why it could not compare."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cdc_connectors.errors import CdcError, NotCaughtUp
from cdc_connectors.settings import Settings
from cdc_connectors.verification import verify as command
from cdc_connectors.verification.compare import SHOWN_KEYS, Comparison, Difference, Scope, TableResult
from cdc_connectors.verification.record import REASON_LENGTH, Finding, finding, record
from cdc_connectors.verification.verify import LOCKED_WAIT, verify
from common.database import DatabaseUnreachable
from tests.cdc_connectors.conftest import SECRET

RECORDED = "SELECT outcome, tables_compared, rows_compared, keys_differing, reason FROM audit.replica_check"
ARTIST = "INSERT INTO core.dim_artist (artist_id, name, load_id) VALUES ('a', 'A', 1)"
CAPTURED_TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname IN ('core', 'mart', 'audit')"
TIMEOUT = 90.0  # seconds
KEYS: list[tuple[str, Difference]] = [(f'{{"n": {n}}}', "differs") for n in range(SHOWN_KEYS)]

Verify = Callable[..., Comparison]


@pytest.fixture
def verification(
    settings: Callable[..., Settings],
    main: psycopg.Connection,
    main_url: str,
    replica_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Verify:
    """Return a function that verifies two empty databases as the role verifier. Nothing has to be caught up with."""
    with psycopg.connect(replica_url, autocommit=True, connect_timeout=10) as replica:
        for side in (main, replica):
            side.execute(
                "TRUNCATE core.dim_artist, audit.replica_check, audit.load, audit.listener_version, cdc.resync"
            )
    monkeypatch.setattr(command, "catch_up", lambda *_: None)

    def run(scope: Scope = "all", **values: str) -> Comparison:
        urls = {"MAIN_DATABASE_URL": main_url, "REPLICA_DATABASE_URL": replica_url}
        as_verifier = {name: f"{url}?options=-c%20role%3Dverifier" for name, url in urls.items()}
        return verify(settings(**as_verifier | values), timeout=TIMEOUT, scope=scope)

    return run


def test_equal_databases_are_recorded_as_equal(verification: Verify, main: psycopg.Connection) -> None:
    [(tables,)] = main.execute(CAPTURED_TABLES).fetchall()
    verification()
    assert main.execute(RECORDED).fetchall() == [("equal", tables, 0, 0, None)]
    [(is_plausible,)] = main.execute(
        "SELECT duration_ms BETWEEN 0 AND 60000 AND started_at + duration_ms * interval '1 ms' "
        "BETWEEN now() - interval '1 minute' AND now() FROM audit.replica_check"
    ).fetchall()
    assert is_plausible


def test_difference_is_recorded_once_with_its_table_and_without_its_key(
    verification: Verify, main: psycopg.Connection
) -> None:
    main.execute(ARTIST)
    [(tables,)] = main.execute(CAPTURED_TABLES).fetchall()
    verification()
    reason = "Tables that differ: core.dim_artist (1 key)."
    assert main.execute(RECORDED).fetchall() == [("different", tables, 1, 1, reason)]


def test_record_of_the_last_verification_is_compared(verification: Verify, main: psycopg.Connection) -> None:
    verification()
    verification()  # Nothing copies the record of the first one to this replica.
    [(reason,)] = main.execute("SELECT reason FROM audit.replica_check WHERE outcome = 'different'").fetchall()
    assert reason == "Tables that differ: audit.replica_check (1 key)."


def test_scope_is_recorded_and_changed_rows_are_enough_only_after_an_equal_verification(
    verification: Verify, main: psycopg.Connection, replica_url: str
) -> None:
    with psycopg.connect(replica_url, autocommit=True, connect_timeout=10) as replica:
        for _ in range(2):
            verification("changed")
            [row] = main.execute("TABLE audit.replica_check ORDER BY started_at DESC LIMIT 1").fetchall()
            replica.execute(f"INSERT INTO audit.replica_check VALUES ({', '.join(['%s'] * len(row))})", row)
    main.execute(ARTIST)
    verification("changed")
    verification("changed")
    recorded = main.execute("SELECT outcome, scope FROM audit.replica_check ORDER BY started_at").fetchall()
    assert recorded == [("equal", "all"), ("equal", "changed"), ("different", "changed"), ("different", "all")]


def test_record_is_written_under_the_load_lock(
    verification: Verify, main: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = audit.load_lock()"
    held = []

    def observed(*arguments: Any) -> None:
        held.extend(main.execute(locks).fetchall())
        record(*arguments)

    monkeypatch.setattr(command, "record", observed)
    verification()
    assert held == [(1,)]


@pytest.fixture
def waits(main: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, float]]:
    """Return the waits of a verification for the replica: whether it held the load lock, and its limit in seconds."""
    found = []

    def catch_up(*arguments: Any) -> None:
        [(is_free,)] = main.execute("SELECT pg_try_advisory_lock(audit.load_lock())").fetchall()
        if is_free:
            main.execute("SELECT pg_advisory_unlock(audit.load_lock())")
        found.append((not is_free, arguments[-1].seconds))

    monkeypatch.setattr(command, "catch_up", catch_up)
    return found


def test_loads_are_kept_from_publishing_for_a_short_wait_only(
    verification: Verify, waits: list[tuple[bool, float]]
) -> None:
    verification()
    assert waits == [(False, TIMEOUT), (True, LOCKED_WAIT)]


def test_replica_that_does_not_catch_up_is_recorded(
    verification: Verify, main: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "Timed out after 5 s waiting for the marker in the replica."

    def fail(*_: object) -> None:
        raise NotCaughtUp(reason)

    monkeypatch.setattr(command, "catch_up", fail)
    with pytest.raises(NotCaughtUp):
        verification("changed")
    assert main.execute(RECORDED).fetchall() == [("not_compared", None, None, None, reason)]
    assert main.execute("SELECT scope FROM audit.replica_check").fetchall() == [("changed",)]


def test_replica_that_does_not_answer_is_recorded_without_its_password(
    verification: Verify, main: psycopg.Connection
) -> None:
    with pytest.raises(DatabaseUnreachable):
        verification(REPLICA_DATABASE_URL=f"postgresql://verifier:{SECRET}@127.0.0.1:1/replica")
    [(outcome, _, _, _, reason)] = main.execute(RECORDED).fetchall()
    assert outcome == "not_compared" and "the database replica at 127.0.0.1:1" in reason and SECRET not in reason


def test_error_of_the_comparison_is_kept_when_main_does_not_answer_either(
    verification: Verify, main_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        monkeypatch.setattr("cdc_connectors.verification.record.connect", refuse)
        raise CdcError("the first error")

    def refuse(*_: object, **__: object) -> None:
        raise DatabaseUnreachable("the second error")

    monkeypatch.setattr(command, "catch_up", fail)
    with pytest.raises(CdcError, match="the first error"):
        verification()


def test_finding_counts_rows_of_compared_tables_and_leaves_unknown_counts_empty() -> None:
    results = [
        TableResult("core.a", 7, 7),
        TableResult("core.b", 30, 3, keys=KEYS),
        TableResult("core.c", None, None, "columns differ: hour"),
    ]
    reason = "Tables that differ: core.b (20 or more keys), core.c (columns differ: hour)."
    assert finding(Comparison(results)) == Finding("different", tables=3, rows=37, keys=None, reason=reason)
    assert finding(Comparison(results[:2])).keys == SHOWN_KEYS
    assert finding(Comparison(results[2:])).rows is None


def test_records_older_than_two_years_are_deleted_and_a_long_reason_is_cut(
    verification: Verify, main: psycopg.Connection
) -> None:
    insert = "INSERT INTO audit.replica_check VALUES (%s, now() - %s::interval, 1, 'equal', 1, 1, 0, NULL)"
    main.execute(insert, ("old", "2 years 1 day"))
    main.execute(insert, ("kept", "2 years -1 day"))
    record(main, time.monotonic(), Finding("not_compared", reason="r" * (REASON_LENGTH + 1)))
    left = main.execute("SELECT check_id = 'kept', length(reason) FROM audit.replica_check ORDER BY started_at")
    assert left.fetchall() == [(True, None), (False, REASON_LENGTH)]
