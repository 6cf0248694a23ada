"""Queries whose conditions depend on their arguments, built with SQLAlchemy Core and run on psycopg's connections.

A condition that does not apply is left out, so that PostgreSQL plans only those that do. SQL that never changes stays text.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel
from sqlalchemy import Select, TableClause, column, table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import NullType, TypeEngine

Record = TypeVar("Record", bound=BaseModel)

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


class Untyped(NullType):
    """The type of every column. Values compared with it get no cast: an id beyond bigint matches nothing, without an error."""

    cache_ok = True

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self


def source_table(schema: str, name: str, columns: Iterable[str]) -> TableClause:
    """Return a table or view of the source database with some of its columns."""
    return table(name, *(column(each, Untyped()) for each in columns), schema=schema)


def fetch_records(connection: Connection, statement: Select[Any], kind: type[Record]) -> list[Record]:
    """Return one record per row. The statement's columns have the names of the record's fields."""
    compiled = statement.compile(dialect=_DIALECT)
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(compiled.string.encode(), compiled.params).fetchall()
