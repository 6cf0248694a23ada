"""The replication slot in main: read its state, and replace it by a new one with the snapshot of its first position."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import psycopg
from psycopg import sql

from cdc_connectors.errors import CdcError
from cdc_connectors.settings import APPLICATION
from common.database import connect
from common.waiting import WaitTimeout, wait_until

SLOT = "cdc"  # slot.name in configs/main-source.json
END_READER_TIMEOUT = 10_000  # ms to wait until a process that still reads the slot has ended
DROP_TIMEOUT = 60.0  # seconds
STATE_QUERY = """
    SELECT (confirmed_flush_lsn - '0/0')::bigint, wal_status, invalidation_reason
    FROM pg_replication_slots WHERE slot_name = %s
"""
LOST = "lost"  # wal_status of a slot whose WAL main no longer has


@dataclass(frozen=True)
class Slot:
    """The slot's state: `confirmed` is the WAL position up to which the source needs no change again; `lost_because` is empty for a usable slot."""

    confirmed: int
    lost_because: str


def read_slot(main: psycopg.Connection) -> Slot | None:
    """Return the slot's state, or None if main has no such slot."""
    row = main.execute(STATE_QUERY, (SLOT,)).fetchone()
    if row is None:
        return None
    confirmed, wal_status, invalidation_reason = row
    lost_because = str(invalidation_reason or wal_status) if invalidation_reason or wal_status == LOST else ""
    return Slot(int(confirmed or 0), lost_because)


@contextmanager
def new_slot(main_url: str) -> Iterator[tuple[int, str]]:
    """Replace the slot. Yield the WAL position of its first change, and the name of a snapshot of main at exactly that position.

    `main_url` is that of a role with REPLICATION. The snapshot can be imported while the block runs. Creating a slot waits until
    every transaction that runs in main has ended.
    """
    with connect(main_url, APPLICATION, autocommit=True, replication="database") as connection:
        _drop_slot(connection)
        command = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput (SNAPSHOT 'export')").format(
            sql.Identifier(SLOT)
        )
        row = connection.execute(command).fetchone()
        if row is None:
            raise CdcError("main created no replication slot. See the log of main.")
        _, consistent_point, snapshot, _ = row
        yield position(str(consistent_point)), str(snapshot)


def position(lsn: str) -> int:
    """Return a WAL position in PostgreSQL's notation (`16/B374D848`) as a number."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)


def _drop_slot(connection: psycopg.Connection) -> None:
    """Drop the slot if it exists. Raises CdcError if a process that reads it comes back again and again."""
    try:
        wait_until(partial(_try_to_drop_slot, connection), f"the slot {SLOT} to have no reader", DROP_TIMEOUT)
    except WaitTimeout as error:
        raise CdcError(f"{error} Stop the process that reads it, then run make resync-replica.") from None


def _try_to_drop_slot(connection: psycopg.Connection) -> bool:
    """End the process that reads the slot, and drop the slot. Return False if another process has begun to read it meanwhile."""
    # A connection for replication does not know parameters of statements.
    name = sql.Literal(SLOT)
    query = sql.SQL("SELECT active_pid FROM pg_replication_slots WHERE slot_name = {}").format(name)
    row = connection.execute(query).fetchone()
    if row is None:
        return True
    if row[0] is not None:
        end = sql.SQL("SELECT pg_terminate_backend({}, {})").format(
            sql.Literal(row[0]), sql.Literal(END_READER_TIMEOUT)
        )
        connection.execute(end)
    try:
        # Without WAIT, which would wait for a reader for ever.
        connection.execute(sql.SQL("DROP_REPLICATION_SLOT {}").format(sql.Identifier(SLOT)))
    except psycopg.errors.ObjectInUse:
        return False
    return True
