"""Pauses that Spotify asked for: a row for each thing that is paused, kept by every process until it is over.

Spotify limits the rate of the whole app, so that what one call is told holds for all. Quotas are per group of endpoints: when the
catalogue's is used up, polling goes on, for a day's pause would lose plays.
"""

from typing import Literal, get_args

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
    """Keep a pause, of everything unless it is a used-up quota; a longer one stands."""
    paused = [subject] if pause.is_quota else get_args(Subject)
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(RECORD, [(each, pause.until, pause.reason) for each in paused])
