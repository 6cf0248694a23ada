"""Let the deletion of a listener win over their imports: stop running imports, and refuse those that were requested before.

A first import creates its listener in a transaction that no other session sees, and an import may wait in a queue or for a
lock. So a deletion cannot find every import. It leaves a record instead, and an import checks it before it lands rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from flask_endpoint.database import only_row
from flask_endpoint.errors import Conflict, ListenerDeleted
from flask_endpoint.landing.batches import lock_for_landing

RECORD_RETENTION = timedelta(days=1)
"""Time for which a deletion is recorded. An import whose session was not ended by the deletion checks within seconds."""

LOCK_WAIT = "10s"
"""Time until a session that was ended has released its lock, which takes milliseconds on an idle machine."""

# Include sessions that wait for the lock. A bigint key is stored in two halves.
STOP_IMPORTS = """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = hashtextextended(%s, 0)
"""
RECORD_DELETION = """
    INSERT INTO jobs.listener_deletion (listener_key, deleted_at) VALUES (hashtextextended(%s, 0), clock_timestamp())
    ON CONFLICT (listener_key) DO UPDATE SET deleted_at = excluded.deleted_at
"""
FIND_DELETION = "SELECT FROM jobs.listener_deletion WHERE listener_key = hashtextextended(%s, 0) AND deleted_at >= %s"


@contextmanager
def import_lock(connection: Connection, listener_id: str) -> Iterator[None]:
    """Hold the listener's import lock. It is a session lock, which PostgreSQL releases if the process is killed."""
    name = _import_lock_name(listener_id)
    try:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (name,))
    except LockNotAvailable:
        raise Conflict(f"Another import of {listener_id} is still running. Try again when it has finished.") from None
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,))


def try_import_lock(connection: Connection, listener_id: str) -> bool:
    """Take the listener's import lock until the transaction ends, unless an import holds it. Return whether it was taken."""
    (is_locked,) = only_row(
        connection, "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (_import_lock_name(listener_id),)
    )
    return bool(is_locked)


def wait_for_import_lock(connection: Connection, listener_id: str) -> bool:
    """Take the listener's import lock until the transaction ends, unless an import holds it for LOCK_WAIT."""
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_WAIT,))
            connection.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (_import_lock_name(listener_id),)
            )
    except LockNotAvailable:
        return False
    return True


def stop_imports(connection: Connection, listener_id: str) -> int:
    """End the database sessions of the listener's imports. Return their number. Their transactions are rolled back."""
    (count,) = only_row(connection, STOP_IMPORTS, (_import_lock_name(listener_id),))
    return int(count)


def record_deletion(connection: Connection, listener_id: str) -> None:
    """Record that the listener is deleted now. The caller holds the lock for deletion."""
    connection.execute(RECORD_DELETION, (listener_id,))


def check_not_deleted(connection: Connection, listener_id: str, requested_at: datetime) -> None:
    """Raise ListenerDeleted if the listener was deleted after `requested_at`. Takes the lock for landing."""
    lock_for_landing(connection, listener_id)
    if connection.execute(FIND_DELETION, (listener_id, requested_at)).fetchone() is not None:
        raise ListenerDeleted


def delete_old_records(connection: Connection) -> None:
    """Delete the records of deletions that are older than RECORD_RETENTION."""
    connection.execute("DELETE FROM jobs.listener_deletion WHERE deleted_at < now() - %s", (RECORD_RETENTION,))


def _import_lock_name(listener_id: str) -> str:
    return f"import of {listener_id}"
