"""Copy single rows from main to the replica: main's current row of a key, or its absence."""

import logging
from collections.abc import Collection, Iterator

import psycopg
from psycopg import errors, sql

from cdc_connectors.repair.unread import Key
from cdc_connectors.verification.tables import Table
from common.database_options import first_line

CHUNK = 500  # rows per round trip
REFUSALS = (psycopg.DataError, psycopg.IntegrityError, errors.RaiseException, errors.ProgramLimitExceeded)
Row = tuple[str | None, ...]

# psycopg logs that it ends the pipeline of a refused chunk, which is then written row by row.
logging.getLogger("psycopg").setLevel(logging.ERROR)


def copy_rows(
    main: psycopg.Connection, replica: psycopg.Connection, table: Table, keys: Collection[Key]
) -> dict[Key, str]:
    """Make the rows of these keys in the replica equal to main's. Return the keys whose row the replica refuses, each with the cause.

    Both connections are in autocommit mode. Raises psycopg.Error for other errors than a refused row.
    """
    refused: dict[Key, str] = {}
    ordered = [*keys]
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        rows = _rows(main, table, chunk)
        try:
            with replica.transaction():
                _write(replica, table, chunk, rows)
        except REFUSALS:
            refused |= dict(_write_each(replica, table, chunk, rows))
    return refused


def _write_each(
    replica: psycopg.Connection, table: Table, keys: Collection[Key], rows: dict[Key, Row]
) -> Iterator[tuple[Key, str]]:
    """Write row by row. Yield the refused ones."""
    for key in keys:
        try:
            with replica.transaction():
                _write(replica, table, [key], {key: rows[key]} if key in rows else {})
        except REFUSALS as error:
            yield key, first_line(error)


def _rows(main: psycopg.Connection, table: Table, keys: Collection[Key]) -> dict[Key, Row]:
    """Return main's rows of the keys that it has; every value as text."""
    query = sql.SQL(
        "SELECT {asked}, {values} FROM unnest({arrays}) AS asked ({asked_names}) JOIN {table} AS t ON {match}"
    )
    numbers = range(len(table.key))
    asked = [sql.Identifier("asked", f"k{number}") for number in numbers]
    statement = query.format(
        asked=sql.SQL(", ").join(asked),
        asked_names=sql.SQL(", ").join(sql.Identifier(f"k{number}") for number in numbers),
        values=sql.SQL(", ").join(sql.SQL("{}::text").format(sql.Identifier("t", name)) for name, _ in table.columns),
        arrays=sql.SQL(", ").join(sql.SQL("%s::text[]") for _ in numbers),
        table=table.identifier,
        match=sql.SQL(" AND ").join(
            sql.SQL("{} = {}::{}").format(sql.Identifier("t", name), value, _kind(table, name))
            for name, value in zip(table.key, asked, strict=True)
        ),
    )
    arrays = [[key[number] for key in keys] for number in numbers]
    size = len(table.key)
    return {tuple(row[:size]): tuple(row[size:]) for row in main.execute(statement, arrays)}


def _write(replica: psycopg.Connection, table: Table, keys: Collection[Key], rows: dict[Key, Row]) -> None:
    """Delete the rows of the keys and insert `rows`: a row may have taken over another one's unique value."""
    is_key = sql.SQL(" AND ").join(
        sql.SQL("{} = %s::{}").format(sql.Identifier(name), _kind(table, name)) for name in table.key
    )
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _ in table.columns)
    values = sql.SQL(", ").join(sql.SQL("%s::{}").format(_kind(table, name)) for name, _ in table.columns)
    with replica.cursor() as cursor:
        cursor.executemany(sql.SQL("DELETE FROM {} WHERE {}").format(table.identifier, is_key), [*keys])
        if rows:
            insert = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table.identifier, names, values)
            cursor.executemany(insert, [*rows.values()])


def _kind(table: Table, column: str) -> sql.SQL:
    """Return a column's type. It comes from PostgreSQL's catalog (format_type), which quotes it."""
    return sql.SQL(dict(table.columns)[column])
