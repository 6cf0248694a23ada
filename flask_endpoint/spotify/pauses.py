"""Pauses that Spotify asked for, stored in the database so that every process respects them.

The rate limit applies to the whole app, so a pause stops all requests. A quota applies to a group of endpoints: if the catalog's quota
is exhausted, polls continue, because plays would be lost during a pause of a day.
"""

from typing import Literal, get_args

from psycopg import Connection
from psycopg_pool import ConnectionPool

from flask_endpoint.errors import Paused

Subject = Literal["plays", "catalogue"]  # as stored in vault.pause

SAVE_PAUSE = """
    INSERT INTO vault.pause (subject, paused_until, reason) VALUES (%s, %s, %s)
    ON CONFLICT (subject) DO UPDATE SET paused_until = excluded.paused_until, reason = excluded.reason
    WHERE pause.paused_until < excluded.paused_until
"""


def pause_of(connection: Connection, subject: Subject) -> Paused | None:
    """Return the pause of a subject that has not ended yet, or None."""
    row = connection.execute(
        "SELECT paused_until, reason FROM vault.pause WHERE subject = %s AND paused_until > now()", (subject,)
    ).fetchone()
    return Paused(*row) if row else None


def check_pause(pool: ConnectionPool, subject: Subject) -> None:
    """Raise Paused if a pause of the subject has not ended yet."""
    with pool.connection() as connection:
        pause = pause_of(connection, subject)
    if pause:
        raise pause


def record_pause(pool: ConnectionPool, subject: Subject, pause: Paused) -> None:
    """Store a pause: of one subject if its quota is exhausted, else of all. A stored pause that ends later is kept."""
    subjects = [subject] if pause.is_quota else get_args(Subject)
    with pool.connection() as connection, connection.cursor() as cursor:
        cursor.executemany(SAVE_PAUSE, [(each, pause.until, pause.reason) for each in subjects])
