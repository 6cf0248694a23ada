"""What database connections of every driver share: options and error messages. This module imports no driver."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

CONNECT_TIMEOUT = 10  # seconds
READ_TIMEOUT = 900  # seconds without a sign of life from the server after which a connection is dropped
KEEPALIVE_AFTER = 30  # seconds of silence after which the server is asked for a sign of life
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


def connection_options(url: str, application: str, session: Mapping[str, str] = NO_SETTINGS) -> dict[str, Any]:
    """Return libpq's options for a connection to `url`. Raises ValueError for an invalid URL.

    `application` is the connection's name in pg_stat_activity; `session` has values of PostgreSQL's settings, without spaces. The
    URL's own parameter `options`, for example a role, is kept. Other parameters here override the URL's.
    """
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT,
        "application_name": application,
        "keepalives_idle": KEEPALIVE_AFTER,
        "tcp_user_timeout": READ_TIMEOUT * 1000,
    }
    if session:
        own = parse_qs(urlsplit(url).query).get("options", [])
        options["options"] = " ".join([*own, *(f"-c {name}={value}" for name, value in session.items())])
    return options


def name_database(url: str) -> str:
    """Return the database's name and address for a message, without user and password. Raises ValueError for an invalid URL."""
    parts = urlsplit(url)
    if parts.hostname is None:
        raise ValueError("The URL has no host.")
    return f"the database {parts.path.strip('/')} at {parts.hostname}:{parts.port or 5432}"


def unreachable_message(url: str, error: Exception) -> str:
    """Return the sentence to print when a connection cannot be opened. It does not contain the password."""
    try:
        database = name_database(url)
    except ValueError:  # The driver's message may repeat the URL.
        return "The URL of a database is invalid. Correct it in .env: postgresql://user:password@host:port/name."
    return f"Cannot connect to {database} ({first_line(error)}). Start it, or correct its URL in .env."


def first_line(error: Exception) -> str:
    """Return the first line of a driver's error, without its full stop. The other lines repeat the statement or give hints."""
    return (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(".")
