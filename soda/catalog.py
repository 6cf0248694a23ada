"""Read the tables to check from PostgreSQL's catalog, and derive the checks that all candidates share.

Candidates have no constraints, so that the gate, not a write, finds invalid rows. This module checks the key and the required
columns of each published table. A check file adds the rules of its own table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2.extensions

LARGE_TABLE = 16 * 2**20  # bytes: about 100,000 rows, which take longer to check than another scan takes to start

TABLES = """
    SELECT published.nspname, table_.relname,
           array_agg(column_.attname::text ORDER BY array_position(key.indkey::int2[], column_.attnum))
               FILTER (WHERE column_.attnum = ANY (key.indkey)) AS key,
           array_agg(column_.attname::text ORDER BY column_.attnum) FILTER (WHERE column_.attnotnull) AS required,
           bool_or(column_.attname = 'listener_id') AS has_listener,
           coalesce(pg_relation_size(to_regclass('candidate.' || quote_ident(table_.relname))), 0) AS candidate_bytes
    FROM pg_class AS table_
    JOIN pg_namespace AS published ON published.oid = table_.relnamespace
    JOIN pg_index AS key ON key.indrelid = table_.oid AND key.indisprimary
    JOIN pg_attribute AS column_ ON column_.attrelid = table_.oid AND column_.attnum > 0 AND NOT column_.attisdropped
    WHERE published.nspname = ANY (%s)
    GROUP BY published.nspname, table_.relname
    ORDER BY published.nspname, table_.relname
"""


@dataclass(frozen=True)
class Table:
    """A table: its key, its required columns, whether it has a listener_id, and the size of its candidate in bytes."""

    schema: str
    name: str
    key: tuple[str, ...]
    required: tuple[str, ...]
    has_listener: bool
    candidate_bytes: int


def tables(connection: psycopg2.extensions.connection, schemas: Sequence[str]) -> list[Table]:
    """Return the tables of the schemas that have a primary key, ordered by schema and name."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES, (list(schemas),))
        return [
            Table(schema, name, tuple(key), tuple(required), listener, size)
            for schema, name, key, required, listener, size in cursor.fetchall()
        ]


def scan_groups(tables: Sequence[Table]) -> list[list[Table]]:
    """Group the tables by scan: all small tables in one group, then each large table alone, the largest first."""
    large = [table for table in tables if table.candidate_bytes > LARGE_TABLE]
    small = [table for table in tables if table not in large]
    alone = [[table] for table in sorted(large, key=lambda table: -table.candidate_bytes)]
    return [small, *alone] if small else alone


def candidate_checks(table: Table) -> dict[str, list[Any]]:
    """Return the checks of every candidate: key, required columns, load and listeners."""
    checks: list[Any] = [
        {f"duplicate_count({', '.join(table.key)}) = 0": {"name": "the key is unique"}},
        _failed_rows("required columns are not null", f"NOT (({', '.join(table.required)}) IS NOT NULL)"),
        _failed_rows("every row belongs to this load", "load_id IS DISTINCT FROM ${load_id}"),
    ]
    if table.has_listener:
        touched = "(listener_id IN (SELECT listener_id FROM candidate.touched)) IS NOT TRUE"
        checks.append(_failed_rows("every listener is recomputed by this load", touched))
    return {f"checks for {table.name}": checks}


def _failed_rows(name: str, condition: str) -> dict[str, Any]:
    return {"failed rows": {"name": name, "fail condition": condition}}
