"""From landed batches to plays: raw.received shows every accepted row, raw.play is computed from all of them.

A promotion is one transaction. It takes the listener's lock first, so that two at once come one after the other, and the id
map's lock last, so that listeners do not wait for each other. The caller commits.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from psycopg import Connection
from psycopg.rows import class_row

from flask_endpoint.errors import Conflict, NotFound
from flask_endpoint.reconciliation.recompute import recompute


@dataclass(frozen=True)
class Balance:
    """What became of the rows of one batch: the last four add up to the first."""

    rows_read: int
    rows_added: int
    rows_matched: int
    rows_repeated: int
    rows_rejected: int


@dataclass(frozen=True)
class Batch:
    """A batch as promotion sees it; until it is promoted the last four are 0."""

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


def promote(connection: Connection, batch_id: int, passed: Callable[[], None] | None = None) -> Balance:
    """Accept a landed batch; a promoted one answers with its balance again. Raises NotFound, Conflict.

    A gate that works beside it is waited for by `passed`, before a lock that other listeners need is taken: what that raises
    ends the promotion.
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
    balance = _balance(batch, recompute(connection, batch.listener_id, batch_id, passed))
    _record(connection, batch, balance)
    return balance


def locked_batch(connection: Connection, batch_id: int) -> Batch:
    """Return a batch that nobody else changes until the transaction ends; its listener's lock is taken first. Raises NotFound."""
    listener = connection.execute("SELECT listener_id FROM landing.batch WHERE batch_id = %s", (batch_id,)).fetchone()
    if listener is None:
        raise NotFound(f"There is no batch {batch_id}.")
    lock_listener(connection, listener[0])
    with connection.cursor(row_factory=class_row(Batch)) as cursor:
        batch = cursor.execute(
            "SELECT batch_id, listener_id, kind, import_id, status, rows_landed, rows_refused, coalesce(rows_added, 0) AS rows_added, "
            "coalesce(rows_matched, 0) AS rows_matched, coalesce(rows_repeated, 0) AS rows_repeated, "
            "coalesce(rows_rejected, 0) AS rows_rejected FROM landing.batch WHERE batch_id = %s FOR NO KEY UPDATE",  # The gate may be adding its verdicts.
            (batch_id,),
        ).fetchone()
    if batch is None:
        raise NotFound(f"There is no batch {batch_id}.")
    return batch


def lock_listener(connection: Connection, listener_id: str) -> None:
    """Hold the listener's plays until the transaction ends: all that computes them comes one after the other."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('plays of ' || %s, 0))", (listener_id,))


def _balance(batch: Batch, changed: dict[str, int]) -> Balance:
    added = changed["inserted"] - changed["deleted"]
    rejected = batch.rows_refused + changed["unmatched"] + changed["known without a play"]
    repeated = changed["repeated"] + changed["known"]
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
