"""The gate's own reads and writes: is there something to judge, and what was the verdict."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
import psycopg2.extras
from gate_errors import DatabaseProblem, NothingToCheck
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from verdicts import Verdict

CONNECT_TIMEOUT = 10  # seconds
STATEMENT_TIMEOUT = 60_000  # ms


@dataclass(frozen=True)
class Ledger:
    """Where the verdicts on one kind of subject are kept, and the subject's column there."""

    table: sql.Identifier
    subject: sql.Identifier


LOADS = Ledger(sql.Identifier("audit", "check_result"), sql.Identifier("load_id"))
BATCHES = Ledger(sql.Identifier("landing", "check_result"), sql.Identifier("batch_id"))
DELETE = sql.SQL("DELETE FROM {} WHERE {} = %s")
INSERT = sql.SQL("INSERT INTO {} ({}, table_name, check_name, outcome, measured, rows_failed) VALUES %s")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection whose work is kept as a whole, or not at all."""
    try:
        connection = psycopg2.connect(
            url, connect_timeout=CONNECT_TIMEOUT, options=f"-c statement_timeout={STATEMENT_TIMEOUT}"
        )
    except psycopg2.OperationalError as error:
        raise DatabaseProblem(f"The gate cannot reach its database: {_line(error)}.") from None
    try:
        with connection:
            yield connection
    except psycopg2.Error as error:
        raise DatabaseProblem(f"The gate's database refused: {_line(error)}.") from None
    finally:
        connection.close()


def expect_candidates(connection: Connection, load_id: int) -> None:
    """Refuse a load that is unknown, over, or whose candidates are not (any more) the ones that lie there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM audit.load WHERE load_id = %s", (load_id,))
        load = cursor.fetchone()
        cursor.execute("SELECT load_id FROM candidate.complete")
        complete = cursor.fetchone()
    if load is None:
        raise NothingToCheck(f"There is no load {load_id}: begin one first.")
    if load[0] == "published":
        raise NothingToCheck(f"Load {load_id} is published already: there is nothing left to check.")
    if complete is None:
        raise NothingToCheck(f"The candidates of load {load_id} are not complete: run the transformation again.")
    if complete[0] != load_id:
        raise NothingToCheck(f"The candidates of load {load_id} made way for those of load {complete[0]}.")


def batch_status(connection: Connection, batch_id: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM landing.batch WHERE batch_id = %s", (batch_id,))
        batch = cursor.fetchone()
    if batch is None:
        raise NothingToCheck(f"There is no batch {batch_id}.")
    return str(batch[0])


def forget(connection: Connection, ledger: Ledger, subject_id: int) -> None:
    """Take back earlier verdicts before a scan: should it break off, none may speak for what it did not see."""
    with connection.cursor() as cursor:
        cursor.execute(DELETE.format(ledger.table, ledger.subject), (subject_id,))


def store(connection: Connection, ledger: Ledger, subject_id: int, verdicts: Sequence[Verdict]) -> None:
    """Keep the verdicts on one load or batch in place of any earlier ones."""
    forget(connection, ledger, subject_id)
    rows = [(subject_id, v.table_name, v.check_name, v.outcome, v.measured, v.rows_failed) for v in verdicts]
    with connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, INSERT.format(ledger.table, ledger.subject), rows)


def _line(error: psycopg2.Error) -> str:
    return " ".join(str(error).split()).rstrip(".")
