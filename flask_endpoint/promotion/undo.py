"""Taking an import back, to the state before it."""

from dataclasses import dataclass

from psycopg import Connection

from flask_endpoint.errors import Conflict, NotFound
from flask_endpoint.promotion import lock_listener
from flask_endpoint.promotion.steps import recompute


@dataclass(frozen=True)
class UndoneImport:
    """What undoing an import took away."""

    import_id: int
    listener_id: str
    rows_removed: int
    plays_before: int
    plays_after: int


def undo_import(connection: Connection, import_id: int) -> UndoneImport:
    """Take an import's rows away and compute the listener's plays from the rest. Raises NotFound, Conflict."""
    found = connection.execute("SELECT listener_id FROM raw.import WHERE import_id = %s", (import_id,)).fetchone()
    if found is None:
        raise NotFound(f"There is no import {import_id}. `imports` lists them.")
    listener_id = str(found[0])
    lock_listener(connection, listener_id)
    status = connection.execute(
        "SELECT status FROM raw.import WHERE import_id = %s FOR UPDATE", (import_id,)
    ).fetchone()
    if status is None or status[0] == "undone":
        raise Conflict(f"Import {import_id} was undone already.")
    before = _count_plays(connection, listener_id)
    removed = remove_rows(connection, import_id)
    connection.execute(
        "UPDATE raw.import SET status = 'undone', finished_at = now() WHERE import_id = %s", (import_id,)
    )
    connection.execute(
        "UPDATE landing.batch SET status = 'undone', finished_at = now() WHERE import_id = %s", (import_id,)
    )
    recompute(connection, listener_id, None)
    return UndoneImport(import_id, listener_id, removed, before, _count_plays(connection, listener_id))


def remove_rows(connection: Connection, import_id: int) -> int:
    """Delete the rows of an import wherever they lie; return how many there were."""
    batches = "(SELECT batch_id FROM landing.batch WHERE import_id = %s)"
    connection.execute(f"DELETE FROM landing.rejected WHERE batch_id IN {batches}", (import_id,))
    connection.execute("DELETE FROM raw.import_span WHERE import_id = %s", (import_id,))
    return connection.execute(f"DELETE FROM landing.play WHERE batch_id IN {batches}", (import_id,)).rowcount


def _count_plays(connection: Connection, listener_id: str) -> int:
    row = connection.execute("SELECT count(*) FROM raw.play WHERE listener_id = %s", (listener_id,)).fetchone()
    return int(row[0]) if row else 0
