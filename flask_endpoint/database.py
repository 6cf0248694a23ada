"""Connections to the source database: one place for timeouts and session settings.

Every connection is psycopg 3, not autocommit: `with connect(url) as connection:` commits at the end, rolls back on an
exception, and closes.
"""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg
from psycopg_pool import ConnectionPool

CONNECT_TIMEOUT = 10  # seconds
# UTC, so that no answer depends on the server's zone; a session that stops in a transaction must not hold its locks for ever.
SESSION = "-c timezone=UTC -c idle_in_transaction_session_timeout=1800000 -c lock_timeout=900000"


def connect(url: str) -> psycopg.Connection:
    """Open a connection of its own, for long work such as an import."""
    return psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT, options=SESSION, application_name="flask_endpoint")


def only_row(
    connection: psycopg.Connection, query: LiteralString, parameters: Mapping[str, object] | Sequence[object] = ()
) -> tuple[Any, ...]:
    """Return the row of a query that always has exactly one."""
    (row,) = connection.execute(query, parameters or None).fetchall()
    return row


def open_pool(url: str, most: int = 8) -> ConnectionPool:
    """Open a pool for requests; `with pool.connection() as connection:` is one transaction."""
    return ConnectionPool(
        url,
        min_size=1,
        max_size=most,
        timeout=CONNECT_TIMEOUT,
        kwargs={"connect_timeout": CONNECT_TIMEOUT, "options": SESSION, "application_name": "flask_endpoint"},
        check=ConnectionPool.check_connection,  # A restarted server is noticed before a request meets it.
        open=True,
    )
