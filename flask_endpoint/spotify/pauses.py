"""Pauses that Spotify asked for: a row each, kept by every process until it is over.

Plays and catalogue pause apart: quotas are per group of endpoints, and a day's pause of the catalogue must not lose plays.
"""

from typing import Literal

from psycopg import Connection
from psycopg_pool import ConnectionPool

from flask_endpoint.errors import Paused

Subject = Literal["plays", "catalogue"]

RECORD = """
    INSERT INTO vault.pause (subject, paused_until, reason) VALUES (%s, %s, %s)
    ON CONFLICT (subject) DO UPDATE SET paused_until = excluded.paused_until, reason = excluded.reason
    WHERE pause.paused_until < excluded.paused_until
"""


def pause_of(connection: Connection, subject: Subject) -> Paused | None:
    """The pause that lasts."""
    row = connection.execute(
        "SELECT paused_until, reason FROM vault.pause WHERE subject = %s AND paused_until > now()", (subject,)
    ).fetchone()
    return Paused(*row) if row else None


def check_pause(pool: ConnectionPool, subject: Subject) -> None:
    """Raise Paused while a pause lasts: then nobody asks."""
    with pool.connection() as connection:
        pause = pause_of(connection, subject)
    if pause:
        raise pause


def record_pause(pool: ConnectionPool, subject: Subject, pause: Paused) -> None:
    """Keep a pause; a longer one stands."""
    with pool.connection() as connection:
        connection.execute(RECORD, (subject, pause.until, pause.reason))
