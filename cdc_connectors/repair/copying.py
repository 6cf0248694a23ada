"""Copy tables from main to the replica with COPY. Each table is replaced in one transaction, so readers see its old rows until then."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from cdc_connectors.errors import CdcError, RowRefused
from cdc_connectors.settings import APPLICATION
from cdc_connectors.verification.tables import SCHEMAS, Table, tables
from common.database import connect
from common.database_options import first_line

COPIED_SCHEMAS = (*SCHEMAS, "cdc")
RECORD_TABLE = "cdc.resync"  # copied last: it proves that the copy is complete
Report = Callable[[str, int], None]  # called with a table's name and its number of copied rows
LOCK_TIMEOUT = "60s"  # for another session that writes to the table in the replica


@contextmanager
def open_snapshot(main_url: str, snapshot: str | None = None) -> Iterator[psycopg.Connection]:
    """Yield a connection to main that reads one snapshot: an exported one, or a new one."""
    with connect(main_url, APPLICATION) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        if snapshot is not None:
            connection.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(sql.Literal(snapshot)))
        yield connection


def common_tables(main: psycopg.Connection, replica: psycopg.Connection) -> dict[str, Table]:
    """Return the captured tables by full name, in the order in which they are copied. Raises CdcError if the replica's differ."""
    ours, theirs = tables(main, COPIED_SCHEMAS), tables(replica, COPIED_SCHEMAS)
    differing = sorted(
        name
        for name in {*ours, *theirs}
        if name not in ours or name not in theirs or dict(ours[name].columns) != dict(theirs[name].columns)
    )
    if differing:
        raise CdcError(f"The replica has other tables or columns than main: {', '.join(differing)}. Run make migrate.")
    return {name: ours[name] for name in sorted(ours, key=lambda name: (name == RECORD_TABLE, name))}


def copy_tables(main: psycopg.Connection, replica: psycopg.Connection, wanted: Iterable[Table], report: Report) -> None:
    """Replace the tables' rows in the replica by those that `main` sees. Calls `report` with each table's name and number of rows.

    `replica` is in autocommit mode. Nobody else may write to the replica meanwhile. Memory use does not grow with the tables. Raises
    RowRefused if the replica refuses a row.
    """
    for table in wanted:
        with replica.transaction():
            replica.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(LOCK_TIMEOUT))
            replica.execute(sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(table.identifier))
            replica.execute(sql.SQL("DELETE FROM {}").format(table.identifier))
            try:
                rows = _copy(main, replica, table)
            except (psycopg.DataError, psycopg.IntegrityError) as error:
                raise RowRefused(
                    f"The replica refuses a row of {table.full_name}: {first_line(error)}. Remove the cause, then run make resync-replica."
                ) from error
            report(table.full_name, rows)


def tidy(replica: psycopg.Connection, wanted: Iterable[Table]) -> None:
    """Remove the old rows from the tables' files, and count the new ones for the query planner."""
    for table in wanted:
        replica.execute(sql.SQL("VACUUM (ANALYZE, SKIP_LOCKED) {}").format(table.identifier))


def _copy(main: psycopg.Connection, replica: psycopg.Connection, table: Table) -> int:
    columns = sql.SQL(", ").join(sql.Identifier(name) for name, _ in table.columns)
    read = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT binary)").format(columns, table.identifier)
    write = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(table.identifier, columns)
    with main.cursor() as reader, replica.cursor() as writer:
        with reader.copy(read) as source, writer.copy(write) as target:
            for block in source:
                target.write(block)
        return writer.rowcount
