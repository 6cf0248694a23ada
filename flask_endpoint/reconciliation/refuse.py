"""Polls that the gate will not pass: set aside with a reason, every row kept, and brought back once the cause is mended."""

from psycopg import Connection

from flask_endpoint.errors import Conflict
from flask_endpoint.reconciliation.promote import Batch, locked_batch
from flask_endpoint.reconciliation.recompute import recompute


def refuse(connection: Connection, batch_id: int, reason: str) -> Batch:
    """Set a landed poll aside: no sync names it any more, none lands its plays again, and coverage ends before it.

    Refusing it again keeps the later reason. Raises NotFound, Conflict. The caller commits.
    """
    batch = _locked_poll(connection, batch_id)
    if batch.status not in ("landed", "refused"):
        raise Conflict(f"Batch {batch_id} is {batch.status}: only a landed batch can be refused.")
    connection.execute(
        "UPDATE landing.batch SET status = 'refused', finished_at = now(), reason = %s WHERE batch_id = %s",
        (reason, batch_id),
    )
    recompute(connection, batch.listener_id, None)
    return locked_batch(connection, batch_id)


def reopen(connection: Connection, batch_id: int) -> Batch:
    """Let a refused poll wait for the gate again; one that waits already goes on waiting. Raises NotFound, Conflict."""
    batch = _locked_poll(connection, batch_id)
    if batch.status not in ("landed", "refused"):
        raise Conflict(f"Batch {batch_id} is {batch.status}: only a refused batch can be opened again.")
    connection.execute(
        "UPDATE landing.batch SET status = 'landed', finished_at = NULL, reason = NULL WHERE batch_id = %s", (batch_id,)
    )
    connection.execute("DELETE FROM landing.check_result WHERE batch_id = %s", (batch_id,))  # Of what it was then.
    return locked_batch(connection, batch_id)


def _locked_poll(connection: Connection, batch_id: int) -> Batch:
    batch = locked_batch(connection, batch_id)
    if batch.kind != "poll":
        raise Conflict(f"Batch {batch_id} is of import {batch.import_id}: imports are undone, or imported again.")
    return batch
