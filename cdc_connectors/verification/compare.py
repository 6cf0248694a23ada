"""Compare the rows of two databases by hashes that each database computes itself.

Each table's rows are divided into buckets by the hash of their key. A bucket has a row count and a sum of row hashes.
Only the keys and hashes of differing buckets are read, in key order from both sides in parallel, so memory use does not
grow with the tables. A condition can narrow the rows (`changed.py`).
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Literal

import psycopg
from psycopg import sql

from cdc_connectors.settings import APPLICATION
from cdc_connectors.tuning import BUCKETS, FETCH_SIZE
from cdc_connectors.verification.changed import EVERY_ROW, ChangedRows, Unknown, changes_since_proof
from cdc_connectors.verification.tables import SCHEMAS, Table, tables
from common.database import connect

SHOWN_KEYS = 20  # per table
STATEMENT_TIMEOUT = "10min"

Difference = Literal["missing in replica", "only in replica", "differs"]
Scope = Literal["all", "changed"]
Buckets = dict[int, tuple[int, Decimal]]

# A row's text depends on these settings. With row_security off, a policy raises an error instead of hiding rows.
SESSION_SETTINGS = f"""
    SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET extra_float_digits = 1;
    SET bytea_output = 'hex'; SET row_security = off; SET statement_timeout = '{STATEMENT_TIMEOUT}'
"""


@dataclass(frozen=True)
class TableResult:
    """The result for one table.

    `fault` names a difference between the tables themselves (one is missing, columns differ). Otherwise `keys` has the
    first differing rows, at most SHOWN_KEYS. The numbers are those of the compared rows.
    """

    table: str
    main_rows: int | None
    replica_rows: int | None
    fault: str = ""
    keys: list[tuple[str, Difference]] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        return not self.fault and not self.keys


@dataclass(frozen=True)
class Comparison:
    """The results for all tables, and which rows were compared. `reason` says why it was all instead of the changed ones."""

    results: list[TableResult]
    scope: Scope = "all"
    reason: str = ""

    @property
    def is_equal(self) -> bool:
        return all(result.is_equal for result in self.results)


def open_for_comparison(url: str) -> psycopg.Connection:
    """Open a read-only connection whose next transaction sees one snapshot."""
    connection = connect(url, APPLICATION, autocommit=True)
    connection.execute(SESSION_SETTINGS)
    connection.autocommit = False
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    return connection


def compare(main: psycopg.Connection, replica: psycopg.Connection, scope: Scope = "all") -> Comparison:
    """Compare every table that either side has: all rows, or those that loads changed since the last proof, if these are known."""
    changes = changes_since_proof(main) if scope == "changed" else Unknown("")
    if isinstance(changes, Unknown):
        return Comparison(_compare_tables(main, replica, None), "all", changes.reason)
    return Comparison(_compare_tables(main, replica, ChangedRows(main, replica, changes)), "changed")


def _compare_tables(
    main: psycopg.Connection, replica: psycopg.Connection, changed: ChangedRows | None
) -> list[TableResult]:
    ours, theirs = tables(main), tables(replica)
    names = sorted({*ours, *theirs}, key=lambda name: (SCHEMAS.index(name.split(".")[0]), name))
    return [
        _faulty(name, ours.get(name), theirs.get(name)) or _compare(main, replica, ours[name], changed)
        for name in names
    ]


def _faulty(name: str, ours: Table | None, theirs: Table | None) -> TableResult | None:
    """Return the result for a table that differs itself, so that its rows cannot be compared."""
    if ours is None or theirs is None:
        return TableResult(name, None, None, f"the table is missing in {'main' if ours is None else 'the replica'}")
    if dict(ours.columns) != dict(theirs.columns):
        differing = sorted({column for column, _ in set(ours.columns) ^ set(theirs.columns)})
        return TableResult(name, None, None, f"columns differ: {', '.join(differing)}")
    return None


def _compare(
    main: psycopg.Connection, replica: psycopg.Connection, table: Table, changed: ChangedRows | None
) -> TableResult:
    for condition in changed.conditions(table) if changed else (EVERY_ROW,):
        result = _compare_rows(main, replica, table, condition)
        if result.is_equal:
            break
    return result


def _compare_rows(
    main: psycopg.Connection, replica: psycopg.Connection, table: Table, condition: sql.Composable
) -> TableResult:
    left, right = bucket_hashes(main, table, condition), bucket_hashes(replica, table, condition)
    buckets = [bucket for bucket in {*left, *right} if left.get(bucket) != right.get(bucket)]
    keys = list(islice(differing_keys(main, replica, table, buckets, condition), SHOWN_KEYS)) if buckets else []
    fault = "" if keys or not buckets else "hashes differ"
    return TableResult(table.full_name, _rows(left), _rows(right), fault, keys)


def _rows(buckets: Buckets) -> int:
    return sum(count for count, _ in buckets.values())


def _row_hashes(table: Table, condition: sql.Composable) -> sql.Composed:
    """Return the query for the key, bucket and hash of each row that meets the condition."""
    return sql.SQL(
        "SELECT {key}::text AS key, hashtextextended({key}::text, 0) & {mask} AS bucket, "
        "hashtextextended({row}::text, 0) AS hash FROM {table} WHERE {condition}"
    ).format(key=table.key_object, row=table.row, table=table.identifier, mask=BUCKETS - 1, condition=condition)


def bucket_hashes(connection: psycopg.Connection, table: Table, condition: sql.Composable = EVERY_ROW) -> Buckets:
    """Return the row count and the sum of row hashes of each bucket."""
    query = sql.SQL("SELECT bucket, count(*), sum(hash::numeric) FROM ({}) AS hashed GROUP BY bucket").format(
        _row_hashes(table, condition)
    )
    return {bucket: (count, total) for bucket, count, total in connection.execute(query)}


def differing_keys(
    main: psycopg.Connection,
    replica: psycopg.Connection,
    table: Table,
    buckets: list[int],
    condition: sql.Composable = EVERY_ROW,
) -> Iterator[tuple[str, Difference]]:
    """Yield the key, as a JSON object, of each row that differs between the two sides, in key order."""
    with (
        closing(_keys(main, table, buckets, condition)) as ours,
        closing(_keys(replica, table, buckets, condition)) as theirs,
    ):
        left, right = next(ours, None), next(theirs, None)
        while left or right:
            if right is None or (left is not None and left[0] < right[0]):
                yield left[0], "missing in replica"  # type: ignore[index]  # at least one side is not None
                left = next(ours, None)
            elif left is None or right[0] < left[0]:
                yield right[0], "only in replica"
                right = next(theirs, None)
            else:
                if left != right:
                    yield left[0], "differs"
                left, right = next(ours, None), next(theirs, None)


def _keys(
    connection: psycopg.Connection, table: Table, buckets: list[int], condition: sql.Composable
) -> Generator[tuple[str, int], None, None]:
    """Yield (key, hash) in byte order, which is the order in which Python compares str."""
    query = sql.SQL(
        'SELECT key, hash FROM ({}) AS hashed WHERE bucket = ANY (%s) ORDER BY key COLLATE "C", hash'
    ).format(_row_hashes(table, condition))
    with connection.cursor(name="differing_keys") as cursor:
        cursor.itersize = FETCH_SIZE
        cursor.execute(query, (buckets,))
        yield from cursor
