"""Open connections to PostgreSQL with psycopg 3. Every connection has a name, time-outs and a clear error."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from common.database_options import NO_SETTINGS, connection_options, unreachable_message


class DatabaseUnreachable(Exception):
    """No connection can be opened. The message names the database and says what to do; it contains no password."""


def connect(
    url: str, application: str, *, session: Mapping[str, str] = NO_SETTINGS, **options: Any
) -> psycopg.Connection[TupleRow]:
    """Open a connection. `options` are those of psycopg.connect. Raises DatabaseUnreachable.

    `application` is the connection's name in pg_stat_activity; `session` has values of PostgreSQL's settings, for example
    `{"statement_timeout": "1min"}`.
    """
    try:
        return psycopg.connect(url, **connection_options(url, application, session), **options)
    # ProgrammingError and ValueError mean that the URL is invalid.
    except (psycopg.OperationalError, psycopg.ProgrammingError, ValueError) as error:
        raise DatabaseUnreachable(unreachable_message(url, error)) from None
