"""The advisory locks of the source database: what each protects, and their order.

A transaction that takes several takes them in this order: import, landing, plays, id map. PostgreSQL releases a lock at the end of its
transaction, and those of `import_lock` and `try_enrichment_lock` at the latest at the end of the session. So no lock outlives a killed
process. The worker's lock is in `jobs/worker_lock.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from flask_endpoint.database import only_row
from flask_endpoint.errors import Conflict

LOCK_WAIT = "10s"
"""Time until a session that was ended has released its lock, which takes milliseconds on an idle machine."""

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"
LOCK_SESSION = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
UNLOCK_SESSION = "SELECT pg_advisory_unlock(hashtextextended(%s, 0))"
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
TRY_LOCK_SESSION = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"

# Include sessions that wait for the lock. A bigint key is stored in two halves.
END_SESSIONS = """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (classid::bigint << 32) | objid::bigint = hashtextextended(%s, 0)
"""


@contextmanager
def import_lock(connection: Connection, listener_id: str) -> Iterator[None]:
    """Prevent another import of the listener. Raises Conflict if one keeps the lock beyond the session's lock timeout."""
    name = _import_of(listener_id)
    try:
        connection.execute(LOCK_SESSION, (name,))
    except LockNotAvailable:
        raise Conflict(f"Another import of {listener_id} is still running. Try again when it has finished.") from None
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute(UNLOCK_SESSION, (name,))


def try_import_lock(connection: Connection, listener_id: str) -> bool:
    """Take the listener's import lock until the transaction ends, unless an import holds it. Return whether it was taken."""
    (is_locked,) = only_row(connection, TRY_LOCK, (_import_of(listener_id),))
    return bool(is_locked)


def wait_for_import_lock(connection: Connection, listener_id: str) -> bool:
    """Take the listener's import lock until the transaction ends, unless an import holds it for LOCK_WAIT."""
    try:
        with connection.transaction():
            connection.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_WAIT,))
            connection.execute(LOCK, (_import_of(listener_id),))
    except LockNotAvailable:
        return False
    return True


def stop_imports(connection: Connection, listener_id: str) -> int:
    """End the database sessions that hold the listener's import lock or wait for it. Return their number.

    Their transactions are rolled back.
    """
    (count,) = only_row(connection, END_SESSIONS, (_import_of(listener_id),))
    return int(count)


def lock_for_landing(connection: Connection, listener_id: str) -> None:
    """Prevent the deletion of the listener until the transaction ends.

    Landed rows have no foreign key to the listener. Without the lock, rows that land during a deletion would stay forever.
    """
    connection.execute(LOCK_SHARED, (f"landing of {listener_id}",))


def lock_for_deletion(connection: Connection, listener_id: str) -> None:
    """Wait until nothing lands for the listener, and prevent landing until the transaction ends."""
    connection.execute(LOCK, (f"landing of {listener_id}",))


def lock_plays(connection: Connection, listener_id: str) -> None:
    """Lock the listener's plays until the transaction ends. Everything that recomputes them takes this lock."""
    connection.execute(LOCK, (f"plays of {listener_id}",))


def lock_id_map(connection: Connection) -> None:
    """Lock the id map and the listeners' versions until the transaction ends."""
    connection.execute(LOCK, ("id map",))


def try_enrichment_lock(connection: Connection) -> bool:
    """Take the enrichment lock until the session ends, unless another run holds it. Return whether it was taken.

    Two runs would exceed Spotify's rate limit.
    """
    (is_locked,) = only_row(connection, TRY_LOCK_SESSION, ("enrichment",))
    return bool(is_locked)


def _import_of(listener_id: str) -> str:
    return f"import of {listener_id}"
