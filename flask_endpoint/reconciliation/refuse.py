"""Refuse polls that do not pass the gate, and reopen them once the cause is fixed. All their rows are kept."""

from psycopg import Connection

from flask_endpoint.errors import Conflict
from flask_endpoint.reconciliation.promote import Batch, locked_batch
from flask_endpoint.reconciliation.recompute import recompute


def refuse(connection: Connection, batch_id: int, reason: str) -> None:
    """Refuse a landed poll. Raises NotFound, Conflict.

    No later sync returns the poll or lands its plays again, and the listener's coverage has a gap there. If the poll
    was refused before, the new reason replaces the old one. The caller commits.
    """
    batch = _locked_poll(connection, batch_id)
    if batch.status not in ("landed", "refused"):
        raise Conflict(f"Batch {batch_id} is {batch.status}: only a landed batch can be refused.")
    connection.execute(
        "UPDATE landing.batch SET status = 'refused', finished_at = now(), reason = %s WHERE batch_id = %s",
        (reason, batch_id),
    )
    recompute(connection, batch.listener_id, None)


def reopen(connection: Connection, batch_id: int) -> None:
    """Set a refused poll back to landed, so that the gate checks it again. Raises NotFound, Conflict.

    The earlier check results are deleted. A landed poll stays landed.
    """
    batch = _locked_poll(connection, batch_id)
    if batch.status not in ("landed", "refused"):
        raise Conflict(f"Batch {batch_id} is {batch.status}: only a refused batch can be opened again.")
    connection.execute(
        "UPDATE landing.batch SET status = 'landed', finished_at = NULL, reason = NULL WHERE batch_id = %s", (batch_id,)
    )
    connection.execute("DELETE FROM landing.check_result WHERE batch_id = %s", (batch_id,))


def _locked_poll(connection: Connection, batch_id: int) -> Batch:
    batch = locked_batch(connection, batch_id)
    if batch.kind != "poll":
        raise Conflict(
            f"Batch {batch_id} belongs to import {batch.import_id}. "
            "Only polls can be refused or opened again; imports are undone."
        )
    return batch
