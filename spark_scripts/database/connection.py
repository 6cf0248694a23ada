"""Connections to source and main: psycopg for bookkeeping, and options for Spark's JDBC reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import psycopg
from psycopg.errors import InvalidSchemaName, UndefinedFunction, UndefinedTable

from common import database
from common.database_options import CONNECT_TIMEOUT, READ_TIMEOUT, first_line, name_database
from spark_scripts.errors import DatabaseUnreachable, NotMigrated
from spark_scripts.tuning import FETCH_SIZE, PREPARE_THRESHOLD

APPLICATION_NAME = "spark_scripts"
SESSION = {"statement_timeout": "1h"}  # Publishing a rebuild is one long function call.

Connection = psycopg.Connection[Any]
Cursor = psycopg.Cursor[Any]


@contextmanager
def transaction(url: str, *, repeatable_read: bool = False) -> Iterator[Connection]:
    """Open a connection for one transaction, which commits at the end of the block or is rolled back by an exception.

    With `repeatable_read`, the transaction is read-only and reads one snapshot. Raises DatabaseUnreachable, or NotMigrated if a
    statement names a table or function that does not exist.
    """
    try:
        connection = database.connect(url, APPLICATION_NAME, session=SESSION)
    except database.DatabaseUnreachable as error:
        raise DatabaseUnreachable(str(error)) from None
    try:
        with connection:
            if repeatable_read:
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
            yield connection
    except (UndefinedTable, UndefinedFunction, InvalidSchemaName) as error:
        raise NotMigrated(
            f"Tables or functions are missing in {name_database(url)} ({first_line(error)}). Run make migrate."
        ) from None
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseUnreachable(
            f"The server closed the connection to {name_database(url)} ({first_line(error)}). Try again when it is up."
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
