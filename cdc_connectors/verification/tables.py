"""Read the published tables from PostgreSQL's catalog. There is no other list of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

SCHEMAS = ("core", "mart", "audit")  # Compared schemas; `cdc` has only the heartbeat and the markers.

# Partitions are left out: publish_via_partition_root sends their rows under the name of the partitioned table.
COLUMNS_QUERY = """
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnum = ANY (i.indkey::int2[])
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY array_position(%s, n.nspname::text), c.relname COLLATE "C", a.attnum
"""


@dataclass(frozen=True)
class Table:
    """A table's columns with their types, and its key: the columns of the primary key, or all columns without one."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def row(self) -> sql.Composed:
        """Return the whole row as one value, with the columns in the order of `columns`."""
        return sql.SQL("ROW({})").format(sql.SQL(", ").join(sql.Identifier(name) for name, _ in self.columns))

    @property
    def key_object(self) -> sql.Composed:
        """Return the key as a JSON object of column names and values."""
        pairs = (sql.SQL("{}, {}").format(sql.Literal(name), sql.Identifier(name)) for name in self.key)
        return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))


def tables(connection: psycopg.Connection, schemas: Sequence[str] = SCHEMAS) -> dict[str, Table]:
    """Return every table of the schemas by full name, sorted by schema and name."""
    found: dict[tuple[str, str], list[tuple[str, str, bool]]] = {}
    for schema, name, column, kind, is_key in connection.execute(COLUMNS_QUERY, (list(schemas), list(schemas))):
        found.setdefault((schema, name), []).append((column, kind, bool(is_key)))
    result = {}
    for (schema, name), columns in found.items():
        key = tuple(column for column, _, is_key in columns if is_key) or tuple(column for column, *_ in columns)
        table = Table(schema, name, tuple((column, kind) for column, kind, _ in columns), key)
        result[table.full_name] = table
    return result
