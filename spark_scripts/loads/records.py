"""The books of the loads in main's `audit`: which one runs, what it read, how it ended."""

from dataclasses import dataclass

import psycopg2.errors
import psycopg2.extras
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from spark_scripts.errors import LoadBusy, LoadSuperseded, LoadUnknown

LOCK_TIMEOUT = 60  # seconds to wait for another load's candidates


@dataclass(frozen=True)
class Load:
    """One row of audit.load, as far as a load steers by it."""

    load_id: int
    kind: str
    status: str
    listeners: frozenset[str] = frozenset()  # whom it was begun for; who changes until it reads is added


def lock_candidates(cursor: Cursor) -> None:
    """Hold the candidates until the transaction ends; whoever else wants them waits, but not for ever."""
    cursor.execute("SET LOCAL lock_timeout = %s", (f"{LOCK_TIMEOUT}s",))
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(audit.candidate_lock())")
    except psycopg2.errors.LockNotAvailable:
        raise LoadBusy("Another load is being computed or published: try again when it has finished.") from None


def open_load(cursor: Cursor, run_id: str, kind: str) -> Load:
    """The run's load: made on its first call, found by a retry and opened again if it was refused or had failed.

    Call it under `lock_candidates`. Nobody computes then, so a load of another run that still says `running` is dead or
    between two steps; either way this one takes over.
    """
    cursor.execute(
        "UPDATE audit.load SET status = 'failed', finished_at = clock_timestamp(), reason = %s "
        "WHERE status = 'running' AND run_id <> %s",
        (f"The run {run_id} began before this load was published.", run_id),
    )
    cursor.execute(
        "INSERT INTO audit.load (load_id, run_id, started_at, status, kind, listeners_touched, listener_versions, "
        "rows_inserted, rows_updated, rows_deleted) "
        "SELECT coalesce(max(load_id), 0) + 1, %s, clock_timestamp(), 'running', %s, 0, '{}', 0, 0, 0 FROM audit.load "
        "HAVING NOT coalesce(bool_or(run_id = %s), false)",
        (run_id, kind, run_id),
    )
    cursor.execute(
        "UPDATE audit.load SET status = 'running', started_at = clock_timestamp(), finished_at = NULL, reason = NULL "
        "WHERE run_id = %s AND status IN ('rejected', 'failed')",
        (run_id,),
    )
    cursor.execute("SELECT load_id, kind, status FROM audit.load WHERE run_id = %s", (run_id,))
    return Load(*cursor.fetchone())


def resume_load(cursor: Cursor, load_id: int) -> Load:
    """The load as it is about to be computed: running, and its earlier verdicts gone. Call it under `lock_candidates`."""
    cursor.execute("SELECT load_id, kind, status, listener_versions FROM audit.load WHERE load_id = %s", (load_id,))
    row = cursor.fetchone()
    if row is None:
        raise LoadUnknown(f"There is no load {load_id}: begin one first.")
    _, kind, status, versions = row
    load = Load(load_id, kind, status, frozenset(versions))
    if load.status == "published":
        return load
    cursor.execute("SELECT load_id FROM audit.load WHERE status = 'running' AND load_id <> %s", (load_id,))
    if other := cursor.fetchone():
        raise LoadSuperseded(f"Load {other[0]} has begun since load {load_id}: begin this run again after it.")
    cursor.execute("DELETE FROM audit.check_result WHERE load_id = %s", (load_id,))
    cursor.execute(
        "UPDATE audit.load SET status = 'running', finished_at = NULL, reason = NULL WHERE load_id = %s", (load_id,)
    )
    return load


def record_reading(cursor: Cursor, load_id: int, versions: dict[str, int | None]) -> None:
    """Write down which listeners the load replaces and the version it read of each (None: gone from source)."""
    cursor.execute(
        "UPDATE audit.load SET listeners_touched = %s, listener_versions = %s WHERE load_id = %s",
        (len(versions), psycopg2.extras.Json(versions), load_id),
    )


def publish_nothing(cursor: Cursor, load_id: int) -> None:
    """Close a load that found nothing to do."""
    cursor.execute(
        "UPDATE audit.load SET status = 'published', finished_at = clock_timestamp() WHERE load_id = %s", (load_id,)
    )


def fail_load(connection: Connection, load_id: int, reason: str) -> None:
    """Write down that the load broke; whoever retries it opens it again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit.load SET status = 'failed', finished_at = clock_timestamp(), reason = %s "
            "WHERE load_id = %s AND status = 'running'",
            (reason, load_id),
        )
