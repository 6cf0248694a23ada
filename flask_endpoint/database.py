"""Open connections to the source database, all with the same timeouts and session settings.

Connections are not in autocommit mode. `with connect(url) as connection:` commits at the end of the block or rolls back on an
exception, then closes the connection.
"""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg_pool import ConnectionPool

from common.database_options import CONNECT_TIMEOUT, connection_options

APPLICATION = "flask_endpoint"
# With UTC, no result depends on the server's time zone. The idle time-out ends a session that hangs in a transaction, so that its locks are released.
SESSION = {"timezone": "UTC", "idle_in_transaction_session_timeout": "30min", "lock_timeout": "15min"}


def connect(url: str, application: str = APPLICATION) -> psycopg.Connection:
    """Open a connection outside the pool, for long work such as an import."""
    return psycopg.connect(url, **connection_options(url, application, SESSION))


def only_row(
    connection: psycopg.Connection, query: LiteralString, parameters: Mapping[str, object] | Sequence[object] = ()
) -> tuple[Any, ...]:
    """Return the row of a query that returns exactly one row."""
    (row,) = connection.execute(query, parameters or None).fetchall()
    return row


def open_pool(url: str, max_size: int = 8) -> ConnectionPool:
    """Open a pool for requests. Each block `with pool.connection() as connection:` is one transaction."""
    return ConnectionPool(
        url,
        min_size=1,
        max_size=max_size,
        timeout=CONNECT_TIMEOUT,
        kwargs=connection_options(url, APPLICATION, SESSION),
        check=ConnectionPool.check_connection,  # Replaces connections that a restart of the server closed.
        open=True,
    )
