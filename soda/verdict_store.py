"""The gate's own queries: is there something to check, and store the verdicts.

They use psycopg2, not psycopg 3 as the rest of the project does: soda-core-postgres requires psycopg2, and a second driver in
one small environment would serve two queries.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
import psycopg2.extras
from gate_errors import DatabaseProblem, NothingToCheck
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from verdicts import Verdict

from common.database_options import connection_options, unreachable_message

APPLICATION = "soda"  # The name of the gate's connections in pg_stat_activity.
SESSION = {"statement_timeout": "1min"}


@dataclass(frozen=True)
class VerdictTable:
    """The table that stores the verdicts on loads or batches, and its column with the id of the load or batch."""

    table: sql.Identifier
    subject: sql.Identifier


LOADS = VerdictTable(sql.Identifier("audit", "check_result"), sql.Identifier("load_id"))
BATCHES = VerdictTable(sql.Identifier("landing", "check_result"), sql.Identifier("batch_id"))
DELETE = sql.SQL("DELETE FROM {} WHERE {} = %s")
INSERT = sql.SQL("INSERT INTO {} ({}, table_name, check_name, outcome, measured, rows_failed) VALUES %s")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a connection; commit at the end, or roll back on an error. Raises DatabaseProblem."""
    try:
        connection = psycopg2.connect(url, **connection_options(url, APPLICATION, SESSION))
    # ProgrammingError and ValueError mean that the URL is invalid.
    except (psycopg2.OperationalError, psycopg2.ProgrammingError, ValueError) as error:
        raise DatabaseProblem(unreachable_message(url, error)) from None
    try:
        with connection:
            yield connection
    except psycopg2.Error as error:
        raise DatabaseProblem(f"The gate's database rejected a statement: {_one_line(error)}.") from None
    finally:
        connection.close()


def require_complete_candidates(connection: Connection, load_id: int) -> None:
    """Raise NothingToCheck unless the load exists, is not published, and schema candidate has its complete rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM audit.load WHERE load_id = %s", (load_id,))
        load = cursor.fetchone()
        cursor.execute("SELECT load_id FROM candidate.complete")
        complete = cursor.fetchone()
    if load is None:
        raise NothingToCheck(f"Load {load_id} does not exist: start one first.")
    if load[0] == "published":
        raise NothingToCheck(f"Load {load_id} is already published: there is nothing to check.")
    if complete is None:
        raise NothingToCheck(f"The candidates of load {load_id} are incomplete: run the transformation again.")
    if complete[0] != load_id:
        raise NothingToCheck(f"The candidates of load {load_id} were replaced by those of load {complete[0]}.")


def batch_status(connection: Connection, batch_id: int) -> str:
    """Return the status of a batch. Raises NothingToCheck when it does not exist."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM landing.batch WHERE batch_id = %s", (batch_id,))
        batch = cursor.fetchone()
    if batch is None:
        raise NothingToCheck(f"Batch {batch_id} does not exist.")
    return str(batch[0])


def delete_verdicts(connection: Connection, table: VerdictTable, subject_id: int) -> None:
    """Delete the earlier verdicts on one load or batch.

    The gate does so before it scans: if the scan fails, no old verdict remains for rows that it did not see.
    """
    with connection.cursor() as cursor:
        cursor.execute(DELETE.format(table.table, table.subject), (subject_id,))


def store_verdicts(connection: Connection, table: VerdictTable, subject_id: int, verdicts: Sequence[Verdict]) -> None:
    """Replace the verdicts on one load or batch."""
    delete_verdicts(connection, table, subject_id)
    rows = [(subject_id, v.table_name, v.check_name, v.outcome, v.measured, v.rows_failed) for v in verdicts]
    with connection.cursor() as cursor:
        psycopg2.extras.execute_values(cursor, INSERT.format(table.table, table.subject), rows)


def _one_line(error: psycopg2.Error) -> str:
    return " ".join(str(error).split()).rstrip(".")
