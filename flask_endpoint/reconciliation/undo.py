"""Undo an import, and delete the rows of imports that were interrupted."""

from psycopg import Connection
from pydantic import BaseModel

from flask_endpoint.database import only_row
from flask_endpoint.errors import Conflict, NotFound
from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.locks import lock_plays
from flask_endpoint.reconciliation.recompute import recompute


class UndoneImport(BaseModel):
    """The result of undoing an import."""

    import_id: int
    listener_id: str
    rows_removed: int
    plays_before: int
    plays_after: int


def undo_import(connection: Connection, import_id: int) -> UndoneImport:
    """Remove an import's rows and recompute the listener's plays from the remaining rows. Raises NotFound, Conflict.

    Restore the listener's earlier time zone, unless something else has changed it since. A listener that the import
    created stays, without plays, because the record of the import belongs to them.
    """
    found = connection.execute("SELECT listener_id FROM raw.import WHERE import_id = %s", (import_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no import {import_id}. `imports` lists them.")
    listener_id = str(found[0])
    lock_plays(connection, listener_id)
    status = connection.execute(
        "SELECT status FROM raw.import WHERE import_id = %s FOR UPDATE", (import_id,)
    ).fetchone()
    if status is None or status[0] == "undone":
        raise Conflict(f"Import {import_id} was undone already.")
    (before,) = only_row(connection, "SELECT count(*) FROM raw.play WHERE listener_id = %s", (listener_id,))
    removed = delete_import_rows(connection, import_id)
    connection.execute(
        "UPDATE raw.import SET status = 'undone', finished_at = now() WHERE import_id = %s", (import_id,)
    )
    connection.execute(
        "UPDATE landing.batch SET status = 'undone', finished_at = now() WHERE import_id = %s", (import_id,)
    )
    changes = recompute(connection, listener_id, None)
    _restore_time_zone(connection, import_id, listener_id)
    return UndoneImport(
        import_id=import_id,
        listener_id=listener_id,
        rows_removed=removed,
        plays_before=before,
        plays_after=before + changes.plays_inserted - changes.plays_deleted,
    )


def record_time_zone(connection: Connection, import_id: int, time_zone: str) -> None:
    """Record the zone that an import is about to set and the listener's zone before it. Do nothing if they are equal."""
    connection.execute(
        "UPDATE raw.import AS i SET time_zone = %s, former_time_zone = l.time_zone FROM raw.listener AS l "
        "WHERE i.import_id = %s AND l.listener_id = i.listener_id AND l.time_zone <> %s",
        (time_zone, import_id, time_zone),
    )


def delete_import_rows(connection: Connection, import_id: int) -> int:
    """Delete an import's accepted rows, rejected rows and spans. Return the number of accepted rows."""
    batches = "(SELECT batch_id FROM landing.batch WHERE import_id = %s)"
    connection.execute(f"DELETE FROM landing.rejected WHERE batch_id IN {batches}", (import_id,))
    connection.execute("DELETE FROM raw.import_span WHERE import_id = %s", (import_id,))
    return connection.execute(f"DELETE FROM landing.play WHERE batch_id IN {batches}", (import_id,)).rowcount


def delete_unfinished_imports(connection: Connection, listener_id: str) -> None:
    """Delete the listener's imports that are neither promoted, refused nor undone, with their rows.

    The caller holds the listener's import lock, so none of them is running.
    """
    unfinished = connection.execute(
        "SELECT import_id FROM raw.import WHERE listener_id = %s AND status IN ('running', 'landed')", (listener_id,)
    ).fetchall()
    for (import_id,) in unfinished:
        delete_import_rows(connection, import_id)
        connection.execute("DELETE FROM raw.import WHERE import_id = %s", (import_id,))


def _restore_time_zone(connection: Connection, import_id: int, listener_id: str) -> None:
    """Restore the zone that the import replaced.

    If a later import replaced this import's zone, that import now restores the earlier zone when it is undone.
    Otherwise the listener gets the earlier zone, unless their zone has been changed since.
    """
    former, set_by_import, current = only_row(
        connection,
        "SELECT former_time_zone, i.time_zone, l.time_zone "
        "FROM raw.import AS i JOIN raw.listener AS l USING (listener_id) WHERE import_id = %s",
        (import_id,),
    )
    if former is None:
        return
    later_import = connection.execute(
        "UPDATE raw.import SET former_time_zone = %s WHERE import_id = (SELECT min(import_id) FROM raw.import "
        "WHERE listener_id = %s AND import_id > %s AND status <> 'undone' AND former_time_zone = %s)",
        (former, listener_id, import_id, set_by_import),
    )
    if later_import.rowcount == 0 and current == set_by_import:
        ensure_listener(connection, listener_id, time_zone=former)
