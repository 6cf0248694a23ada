"""A writer of numbered rows in main, until it is stopped.

It inserts, updates and deletes rows, changes keys, rolls back, and writes large and interleaved transactions.
"""

import threading
from types import TracebackType

import psycopg

from common.waiting import wait_until
from tests.running_stack import owner_url

TABLE = "mart.fault_test"
DEFINITION = f"""
    CREATE TABLE IF NOT EXISTS {TABLE} (id bigint NOT NULL PRIMARY KEY, round integer NOT NULL, note text);
    ALTER TABLE {TABLE} REPLICA IDENTITY FULL;
"""
LARGE = 2_000  # rows of a large transaction
LONG_TEXT = "a text long enough for PostgreSQL to store it out of line " * 100


def connect(database: str) -> psycopg.Connection:
    return psycopg.connect(owner_url(database), autocommit=True, connect_timeout=10)


def create_table() -> None:
    """Create the table in the replica first, because rows may arrive immediately. Rows of an earlier run are deleted in both."""
    for database, grants in (("replica", f"GRANT ALL ON {TABLE} TO sink"), ("main", f"TRUNCATE {TABLE}")):
        with connect(database) as connection:
            connection.execute(f"{DEFINITION} GRANT SELECT ON {TABLE} TO verifier; {grants}")


def drop_table() -> None:
    for database in ("main", "replica"):
        with connect(database) as connection:
            connection.execute(f"DROP TABLE {TABLE}")


class Writer:
    """Writes in a thread until the block ends. It connects again after each lost connection."""

    def __init__(self) -> None:
        self.rows = 0  # committed changes of rows
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        with connect("main") as main:
            [(self._next,)] = main.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {TABLE}").fetchall()

    def __enter__(self) -> "Writer":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=120)

    def wait_for_rows(self, count: int) -> None:
        """Wait until the writer has changed so many more rows."""
        wanted = self.rows + count
        wait_until(lambda: self.rows >= wanted, f"{count} more rows", 120.0, interval=0.05)

    def wait_until_replicated(self, seconds: float) -> None:
        """Wait until a row that is written from now on is in the replica."""
        self.wait_for_rows(50)
        first = self._next
        wait_until(lambda: _replica_has(first), "a new row in the replica", seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(owner_url("main"), connect_timeout=10) as connection:
                    while not self._stop.is_set():
                        self._write(connection)
            except (psycopg.OperationalError, psycopg.InternalError):
                # The server is down, starting or out of space; whether the last commit was done does not matter.
                self._stop.wait(0.2)

    def _write(self, connection: psycopg.Connection) -> None:
        first = self._next
        count = LARGE if first % 37 == 0 else 10
        self._next += 3 * count  # Ids of a transaction that may have been committed are not used again.
        note = LONG_TEXT if first % 5 == 0 else "short"
        connection.execute(
            f"INSERT INTO {TABLE} SELECT n, 1, %s FROM generate_series(%s::bigint, %s::bigint) AS n",
            (note, first, first + count - 1),
        )
        connection.commit()
        connection.execute(f"UPDATE {TABLE} SET round = round + 1 WHERE id BETWEEN %s AND %s", (first - 60, first + 4))
        connection.execute(f"DELETE FROM {TABLE} WHERE id = %s", (first + 5,))
        connection.execute(f"UPDATE {TABLE} SET id = id + %s WHERE id = %s", (count, first + 6))
        connection.commit()
        connection.execute(f"INSERT INTO {TABLE} VALUES (%s, 0, 'rolled back')", (first + 2 * count,))
        connection.rollback()
        self._interleave(connection, first + 2 * count + 1)
        self.rows += count + 9
        self._stop.wait(0.1)

    def _interleave(self, connection: psycopg.Connection, number: int) -> None:
        """Change the same two rows in two transactions: the one that began first commits last."""
        with psycopg.connect(owner_url("main"), connect_timeout=10) as other:
            connection.execute(f"INSERT INTO {TABLE} VALUES (%s, 1, 'first')", (number,))
            other.execute(f"INSERT INTO {TABLE} VALUES (%s, 1, 'second')", (number + 1,))
            other.execute(f"UPDATE {TABLE} SET round = 2 WHERE id = %s", (number + 1,))
            other.commit()
        connection.execute(f"UPDATE {TABLE} SET round = round + 10 WHERE id IN (%s, %s)", (number, number + 1))
        connection.commit()


def _replica_has(first: int) -> bool:
    try:
        with connect("replica") as replica:
            return replica.execute(f"SELECT FROM {TABLE} WHERE id >= %s LIMIT 1", (first,)).fetchone() is not None
    except psycopg.OperationalError:
        return False
