"""Records of loads in main's `audit` schema: which load runs, what it read and how it ended."""

from dataclasses import dataclass

import psycopg.errors
from psycopg.types.json import Jsonb

from spark_scripts.database.connection import Connection, Cursor
from spark_scripts.errors import LoadBusy, LoadSuperseded, LoadUnknown

LOCK_TIMEOUT = 60  # seconds to wait for the candidate lock
LOAD_BUSY = "Another load is being computed or published. Try again when it has finished."


@dataclass(frozen=True)
class Load:
    """The columns of audit.load that a load decides by."""

    load_id: int
    kind: str
    status: str
    listeners: frozenset[str] = frozenset()  # selected by begin; the transform adds those that changed since


def lock_candidates(cursor: Cursor) -> None:
    """Take the candidate lock until the transaction ends. Raises LoadBusy after LOCK_TIMEOUT seconds."""
    cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}s'")
    try:
        cursor.execute("SELECT pg_advisory_xact_lock(audit.candidate_lock())")
    except psycopg.errors.LockNotAvailable:
        raise LoadBusy(LOAD_BUSY) from None


def open_load(cursor: Cursor, run_id: str, kind: str) -> Load:
    """Return the run's load: a new one on the first call, the same one on a retry, reopened if it was rejected or had failed.

    The caller holds the candidate lock, so no other load is being computed. A load of another run that is still `running` has
    crashed or is between two steps. Either way this load supersedes it.
    """
    cursor.execute(
        "UPDATE audit.load SET status = 'failed', finished_at = clock_timestamp(), reason = %s "
        "WHERE status = 'running' AND run_id <> %s",
        (f"Run {run_id} started before this load was published.", run_id),
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
    [row] = cursor.fetchall()
    return Load(*row)


def resume_load(cursor: Cursor, load_id: int) -> Load:
    """Return the load, ready to be computed: status `running`, results of earlier checks deleted. A published load stays as it is.

    The caller holds the candidate lock. Raises LoadUnknown or LoadSuperseded.
    """
    cursor.execute("SELECT load_id, kind, status, listener_versions FROM audit.load WHERE load_id = %s", (load_id,))
    row = cursor.fetchone()
    if row is None:
        raise LoadUnknown(f"Load {load_id} does not exist: start one first.")
    _, kind, status, versions = row
    load = Load(load_id, kind, status, frozenset(versions))
    if load.status == "published":
        return load
    cursor.execute("SELECT load_id FROM audit.load WHERE status = 'running' AND load_id <> %s", (load_id,))
    if newer := cursor.fetchone():
        raise LoadSuperseded(
            f"Load {newer[0]} has started since load {load_id}. Begin this run again when it has finished."
        )
    cursor.execute("SELECT audit.forget_checks(%s)", (load_id,))
    cursor.execute(
        "UPDATE audit.load SET status = 'running', finished_at = NULL, reason = NULL WHERE load_id = %s", (load_id,)
    )
    return load


def record_versions(cursor: Cursor, load_id: int, versions: dict[str, int | None]) -> None:
    """Record the listeners that the load recomputes and the version that it read of each (None: source no longer has it)."""
    cursor.execute(
        "UPDATE audit.load SET listeners_touched = %s, listener_versions = %s WHERE load_id = %s",
        (len(versions), Jsonb(versions), load_id),
    )


def close_empty_load(cursor: Cursor, load_id: int) -> None:
    """Record a load without listeners as published."""
    cursor.execute(
        "UPDATE audit.load SET status = 'published', finished_at = clock_timestamp() WHERE load_id = %s", (load_id,)
    )


def fail_load(connection: Connection, load_id: int, reason: str) -> None:
    """Record that the load failed. A retry reopens it."""
    connection.execute(
        "UPDATE audit.load SET status = 'failed', finished_at = clock_timestamp(), reason = %s "
        "WHERE load_id = %s AND status = 'running'",
        (reason, load_id),
    )
