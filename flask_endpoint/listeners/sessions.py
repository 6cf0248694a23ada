"""End the sessions of a listener on the server, because a session is only a signed cookie, which can be copied."""

from datetime import datetime

from psycopg import Connection

VALID_SINCE = """
    SELECT greatest(l.created_at, o.signed_out_at)
    FROM raw.listener AS l LEFT JOIN vault.sign_out AS o USING (listener_id) WHERE l.listener_id = %s
"""
END_SESSIONS = """
    INSERT INTO vault.sign_out (listener_id, signed_out_at) VALUES (%s, clock_timestamp())
    ON CONFLICT (listener_id) DO UPDATE SET signed_out_at = excluded.signed_out_at
"""


def valid_since(connection: Connection, listener_id: str) -> datetime | None:
    """Return when the listener's valid sessions began: at the last sign-out, else when the listener was created.

    Return None if the listener does not exist.
    """
    found = connection.execute(VALID_SINCE, (listener_id,)).fetchone()
    return found[0] if found else None


def end_sessions(connection: Connection, listener_id: str) -> None:
    """End all sessions of a listener."""
    connection.execute(END_SESSIONS, (listener_id,))
