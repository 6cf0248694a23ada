"""Queries whose conditions depend on their arguments, built with SQLAlchemy Core and run on psycopg's connections.

A condition that does not apply is left out, so that PostgreSQL plans the query for the others. SQL that never changes is text.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel
from sqlalchemy import BigInteger, Select, TableClause, column, table
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

Record = TypeVar("Record", bound=BaseModel)

BIGINT_COLUMNS = {"import_id", "batch_id"}  # SQLAlchemy would cast the numbers compared with them to integer.
_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]


def source_table(schema: str, name: str, columns: Iterable[str]) -> TableClause:
    """Return a table or view of the source database with some of its columns."""
    typed = (column(each, BigInteger) if each in BIGINT_COLUMNS else column(each) for each in columns)
    return table(name, *typed, schema=schema)


def fetch_records(connection: Connection, statement: Select[Any], kind: type[Record]) -> list[Record]:
    """Return one record per row. The statement's columns have the names of the record's fields."""
    compiled = statement.compile(dialect=_DIALECT)
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(compiled.string.encode(), compiled.params).fetchall()
