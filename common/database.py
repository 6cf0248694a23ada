"""Open connections to PostgreSQL with psycopg 3. Every connection has a name, time-outs and a clear error."""

from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from common.database_options import connection_options, unreachable_message


class DatabaseUnreachable(Exception):
    """No connection can be opened. The message names the database and says what to do; it contains no password."""


def connect(
    url: str, application: str, *, statement_timeout: timedelta | None = None, **options: Any
) -> psycopg.Connection[TupleRow]:
    """Open a connection. `options` are those of psycopg.connect. Raises DatabaseUnreachable.

    `application` is the connection's name in pg_stat_activity. A statement runs for any time unless `statement_timeout` is set.
    """
    try:
        return psycopg.connect(url, **connection_options(url, application, statement_timeout), **options)
    except (
        psycopg.OperationalError,
        psycopg.ProgrammingError,
        ValueError,
    ) as error:  # The last two: the URL is invalid.
        raise DatabaseUnreachable(unreachable_message(url, error)) from None
