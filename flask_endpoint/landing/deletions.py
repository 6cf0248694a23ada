"""Let the deletion of a listener win over imports that were requested before it.

A deletion stops running imports (`locks.py`). But a first import creates its listener in a transaction that no other session sees,
and an import may wait in a queue or for a lock, so a deletion cannot find every import. It leaves a record instead, and an import
checks it before it lands rows.
"""

from datetime import datetime, timedelta

from psycopg import Connection

from flask_endpoint.errors import ListenerDeleted
from flask_endpoint.locks import lock_for_landing

RECORD_RETENTION = timedelta(days=1)
"""Time for which a deletion is recorded. An import whose session was not ended by the deletion checks within seconds."""

RECORD_DELETION = """
    INSERT INTO jobs.listener_deletion (listener_key, deleted_at) VALUES (hashtextextended(%s, 0), clock_timestamp())
    ON CONFLICT (listener_key) DO UPDATE SET deleted_at = excluded.deleted_at
"""
FIND_DELETION = "SELECT FROM jobs.listener_deletion WHERE listener_key = hashtextextended(%s, 0) AND deleted_at >= %s"


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
