"""The columns of a table change in main and in the replica, one after the other, while rows are written: the replica follows by itself."""

from collections.abc import Callable

import pytest

from common.waiting import wait_until
from tests.faults.causes import TIMEOUT, worker
from tests.faults.conftest import Outcome
from tests.faults.writer import TABLE, connect

ADD = f"ALTER TABLE {TABLE} ADD COLUMN IF NOT EXISTS added integer DEFAULT 7"
CHANGES = {
    "added": (ADD, "added = id % 100"),
    "widened": (f"ALTER TABLE {TABLE} ALTER COLUMN added TYPE bigint", "added = 3000000000 + id % 100"),
    "renamed": (f"ALTER TABLE {TABLE} RENAME COLUMN added TO renamed", "renamed = 5"),
    "dropped": (f"ALTER TABLE {TABLE} DROP COLUMN renamed", "round = round + 1"),
}


def has_failed() -> bool:
    return any(status.is_failed for status in worker().statuses().values())


@pytest.mark.parametrize("order", [("replica", "main"), ("main", "replica")], ids=" first, then ".join)
def test_column(survives: Callable[..., Outcome], order: tuple[str, str]) -> None:
    """Each change is made in one database, rows are changed that need it, and it is made in the other database."""

    def cause() -> None:
        for change, update in CHANGES.values():
            for number, database in enumerate(order):
                with connect(database) as connection:
                    connection.execute(change)
                if database == "main":
                    with connect("main") as main:
                        main.execute(f"UPDATE {TABLE} SET {update} WHERE id % 3 = 0")
                if number == 0 and database == "main":
                    wait_until(lambda: has_failed() or _is_read(), "the sink to meet the change", TIMEOUT)

    survives(cause)


def _is_read() -> bool:
    """Return whether the replica has rows that were written after the last change."""
    with connect("main") as main, connect("replica") as replica:
        newest = f"SELECT max(id) FROM {TABLE}"
        [(written,)], [(read,)] = main.execute(newest).fetchall(), replica.execute(newest).fetchall()
    return bool(read and read >= written)
