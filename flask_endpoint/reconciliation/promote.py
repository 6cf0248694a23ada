"""Promote landed batches: accept their rows, which raw.received then shows, and recompute raw.play from all accepted rows.

A promotion is one transaction. It takes the listener's lock first, so that two promotions of one listener run one after
the other, and the lock on the id map last, so that listeners do not wait for each other. The caller commits.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from psycopg import Connection
from psycopg.rows import class_row

from flask_endpoint.errors import Conflict, NotFound
from flask_endpoint.locks import lock_plays
from flask_endpoint.reconciliation.recompute import Changes, recompute


@dataclass(frozen=True)
class Balance:
    """The rows of one batch by outcome. The last four fields add up to `rows_read`."""

    rows_read: int
    rows_added: int
    rows_matched: int
    rows_repeated: int
    rows_rejected: int


@dataclass(frozen=True)
class Batch:
    """A row of landing.batch. The last four counts are 0 until the batch is promoted."""

    batch_id: int
    listener_id: str
    kind: str
    import_id: int | None
    status: str
    rows_landed: int
    rows_refused: int
    rows_added: int
    rows_matched: int
    rows_repeated: int
    rows_rejected: int

    @property
    def rows_read(self) -> int:
        return self.rows_landed + self.rows_refused


def promote(connection: Connection, batch_id: int, wait_for_gate: Callable[[], None] | None = None) -> Balance:
    """Promote a landed batch and return its balance. A promoted batch is not changed. Raises NotFound, Conflict.

    If the gate is still checking the batch, pass `wait_for_gate`. It is called before a lock that other listeners need
    is taken. An exception that it raises propagates.
    """
    batch = locked_batch(connection, batch_id)
    if batch.status == "promoted":
        return Balance(batch.rows_read, batch.rows_added, batch.rows_matched, batch.rows_repeated, batch.rows_rejected)
    if batch.status != "landed":
        raise Conflict(f"Batch {batch_id} is {batch.status}: only a landed batch can be promoted.")
    connection.execute(
        "UPDATE landing.batch SET status = 'promoted', finished_at = now() WHERE batch_id = %s", (batch_id,)
    )
    if batch.import_id is not None:
        connection.execute(
            "UPDATE raw.import SET status = 'promoted', finished_at = clock_timestamp() WHERE import_id = %s",
            (batch.import_id,),
        )
    balance = _balance(batch, recompute(connection, batch.listener_id, batch_id, wait_for_gate))
    _record(connection, batch, balance)
    return balance


def locked_batch(connection: Connection, batch_id: int) -> Batch:
    """Return a batch, locked until the transaction ends. Takes its listener's lock first. Raises NotFound."""
    listener = connection.execute("SELECT listener_id FROM landing.batch WHERE batch_id = %s", (batch_id,)).fetchone()
    if listener is None:
        raise NotFound(f"There is no batch {batch_id}.")
    lock_plays(connection, listener[0])
    with connection.cursor(row_factory=class_row(Batch)) as cursor:
        # NO KEY: the gate may be inserting check results, which refer to the batch.
        batch = cursor.execute(
            "SELECT batch_id, listener_id, kind, import_id, status, rows_landed, rows_refused, "
            "coalesce(rows_added, 0) AS rows_added, coalesce(rows_matched, 0) AS rows_matched, "
            "coalesce(rows_repeated, 0) AS rows_repeated, coalesce(rows_rejected, 0) AS rows_rejected "
            "FROM landing.batch WHERE batch_id = %s FOR NO KEY UPDATE",
            (batch_id,),
        ).fetchone()
    if batch is None:
        raise NotFound(f"There is no batch {batch_id}.")
    return batch


def _balance(batch: Batch, changes: Changes) -> Balance:
    """Return the balance of a batch. A row that is not added, repeated or rejected has matched another row."""
    added = changes.plays_inserted - changes.plays_deleted
    rejected = batch.rows_refused + changes.rows_without_play + changes.dropped_rows_without_play
    repeated = changes.rows_repeated + changes.dropped_rows_repeated
    return Balance(batch.rows_read, added, batch.rows_read - added - repeated - rejected, repeated, rejected)


def _record(connection: Connection, batch: Batch, balance: Balance) -> None:
    values = asdict(balance) | {"batch_id": batch.batch_id, "import_id": batch.import_id}
    counts = (
        "rows_added = %(rows_added)s, rows_matched = %(rows_matched)s, rows_repeated = %(rows_repeated)s, "
        "rows_rejected = %(rows_rejected)s"
    )
    connection.execute(f"UPDATE landing.batch SET {counts} WHERE batch_id = %(batch_id)s", values)
    if batch.import_id is not None:
        connection.execute(
            f"UPDATE raw.import SET rows_read = %(rows_read)s, {counts} WHERE import_id = %(import_id)s", values
        )
