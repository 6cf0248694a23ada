"""Delete what unfinished imports left behind."""

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.locks import lock_for_landing, try_import_lock, wait_for_import_lock
from flask_endpoint.reconciliation.undo import delete_unfinished_imports


def clear_killed_imports(connection: Connection) -> list[str]:
    """Delete what killed imports left behind, and return their listeners.

    A running import holds its listener's import lock and is skipped.
    """
    unfinished = connection.execute("SELECT DISTINCT listener_id FROM raw.import WHERE status IN ('running', 'landed')")
    return [listener_id for (listener_id,) in unfinished.fetchall() if _clear_killed(connection, listener_id)]


def clear_ended_import(connection: Connection, listener_id: str) -> None:
    """Delete what an import left behind whose database session was ended. Wait until the server has released its lock.

    If another import of the listener takes the lock first, that import deletes it.
    """
    if wait_for_import_lock(connection, listener_id):
        delete_unfinished(connection, listener_id)


def delete_unfinished(connection: Connection, listener_id: str) -> None:
    """Delete the listener's unfinished imports.

    Delete the listener too, if one of these imports created them and nothing else refers to them.
    """
    lock_for_landing(connection, listener_id)
    (created_listener,) = only_row(
        connection,  # Before promotion, only an import that created its listener has a time zone.
        "SELECT coalesce(bool_or(time_zone IS NOT NULL), false) FROM raw.import "
        "WHERE listener_id = %s AND status IN ('running', 'landed')",
        (listener_id,),
    )
    delete_unfinished_imports(connection, listener_id)
    if created_listener:
        connection.execute(
            "DELETE FROM raw.listener AS l WHERE listener_id = %s "
            "AND NOT EXISTS (SELECT FROM raw.play AS p WHERE p.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM raw.import AS i WHERE i.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM landing.batch AS b WHERE b.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM vault.token AS t WHERE t.listener_id = l.listener_id)",
            (listener_id,),
        )


def _clear_killed(connection: Connection, listener_id: str) -> bool:
    """Delete the listener's unfinished imports unless one is running. Return whether it did."""
    is_locked = try_import_lock(connection, listener_id)
    if is_locked:
        delete_unfinished(connection, listener_id)
    return is_locked
