"""Connections to source and main: psycopg for bookkeeping, and options for Spark's JDBC reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import psycopg
from psycopg.errors import InvalidSchemaName, UndefinedFunction, UndefinedTable

from spark_scripts.errors import DatabaseUnreachable, NotMigrated
from spark_scripts.tuning import FETCH_SIZE, PREPARE_THRESHOLD

APPLICATION_NAME = "spark_scripts"
CONNECT_TIMEOUT = 10  # seconds
STATEMENT_TIMEOUT = 3600  # seconds; publishing a rebuild is one long function call
READ_TIMEOUT = 900  # seconds without an answer after which a connection is dropped
CONNECTION_OPTIONS: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT,
    "application_name": APPLICATION_NAME,
    "keepalives_idle": 30,
    "tcp_user_timeout": READ_TIMEOUT * 1000,
}

Connection = psycopg.Connection[Any]
Cursor = psycopg.Cursor[Any]


@contextmanager
def transaction(url: str, *, repeatable_read: bool = False) -> Iterator[Connection]:
    """Open a connection for one transaction, which commits at the end of the block or is rolled back by an exception.

    With `repeatable_read`, the transaction is read-only and reads one snapshot. Raises DatabaseUnreachable, or NotMigrated if a
    statement names a table or function that does not exist.
    """
    try:
        connection = psycopg.connect(url, **CONNECTION_OPTIONS)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(
            f"{_database(url)} did not answer ({_first_line(error)}). Start it, or correct its address in .env."
        ) from None
    try:
        with connection:
            if repeatable_read:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
            connection.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}s'")
            yield connection
    except (UndefinedTable, UndefinedFunction, InvalidSchemaName) as error:
        raise NotMigrated(f"{_database(url)} is not migrated ({_first_line(error)}). Run make migrate.") from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseUnreachable(
            f"{_database(url)} closed the connection ({_first_line(error)}). Try again when it is up."
        ) from None


def jdbc_options(url: str, snapshot: str | None = None) -> dict[str, str]:
    """Return Spark's JDBC options for a postgresql:// URL. With `snapshot`, every connection reads that exported snapshot."""
    parts = urlsplit(url)
    query = {
        **dict(parse_qsl(parts.query)),
        "connectTimeout": str(CONNECT_TIMEOUT),
        "socketTimeout": str(READ_TIMEOUT),
        "tcpKeepAlive": "true",
        "prepareThreshold": str(PREPARE_THRESHOLD),
        "ApplicationName": APPLICATION_NAME,
    }
    options = {
        "url": f"jdbc:postgresql://{parts.hostname}:{parts.port or 5432}{parts.path}?{urlencode(query)}",
        "driver": "org.postgresql.Driver",
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "fetchsize": str(FETCH_SIZE),
    }
    if snapshot is not None:
        options["sessionInitStatement"] = (
            f"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{snapshot}'"
        )
    return options


def _database(url: str) -> str:
    """Return the database's name and address for a message, without the password."""
    parts = urlsplit(url)
    return f"The database {parts.path.strip('/')} at {parts.hostname}:{parts.port or 5432}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
