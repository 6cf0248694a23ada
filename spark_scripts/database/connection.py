"""Connections to source and main: psycopg2 for bookkeeping and for COPY, JDBC properties for the rows that Spark reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import psycopg2
from psycopg2.errors import InvalidSchemaName, UndefinedFunction, UndefinedTable
from psycopg2.extensions import connection as Connection

from spark_scripts.errors import DatabaseUnreachable, NotMigrated

CONNECT_TIMEOUT = 10  # seconds
STATEMENT_TIMEOUT = 3600  # seconds: a rebuild's publish is one long function call
READ_TIMEOUT = 900  # seconds that one answer of the JDBC driver may take
# What every connection of libpq's is opened with; one whose server is silent for longer breaks off.
CONNECTION: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT,
    "application_name": "spark_scripts",
    "keepalives_idle": 30,
    "tcp_user_timeout": READ_TIMEOUT * 1000,
}
FETCH_SIZE = 10_000  # rows: the driver's default is all of them at once


@contextmanager
def connected(url: str, *, repeatable_read: bool = False) -> Iterator[Connection]:
    """One connection and one transaction: committed at the end, rolled back by an error."""
    try:
        connection = psycopg2.connect(url, **CONNECTION)
    except psycopg2.OperationalError as error:
        raise DatabaseUnreachable(
            f"{_place(url)} did not answer ({_first_line(error)}). Start it, or correct its address."
        ) from None
    try:
        if repeatable_read:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with connection, connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = %s", (f"{STATEMENT_TIMEOUT}s",))
            yield connection
    except (UndefinedTable, UndefinedFunction, InvalidSchemaName) as error:
        raise NotMigrated(f"{_place(url)} is not migrated ({_first_line(error)}). Run make migrate.") from None
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:  # The latter from rolling back what is gone.
        raise DatabaseUnreachable(f"{_place(url)} broke off ({_first_line(error)}). Try again when it is up.") from None
    finally:
        connection.close()


def jdbc_options(url: str, snapshot: str | None = None) -> dict[str, str]:
    """Spark's JDBC options for a postgresql:// URL. With `snapshot`, every connection reads that exported snapshot."""
    parts = urlsplit(url)
    query = {
        **dict(parse_qsl(parts.query)),
        "connectTimeout": str(CONNECT_TIMEOUT),
        "socketTimeout": str(READ_TIMEOUT),
        "tcpKeepAlive": "true",
        "prepareThreshold": "-1",  # Rows in binary from the first one on: instants as text take twice as long to read.
        "ApplicationName": "spark_scripts",
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


def _place(url: str) -> str:
    """Host, port and database, without the password."""
    parts = urlsplit(url)
    return f"The database {parts.path.strip('/')} at {parts.hostname}:{parts.port or 5432}"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no reason given"])[0]
