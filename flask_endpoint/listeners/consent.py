"""Store logins that are waiting for Spotify's answer, and link Spotify accounts to listeners."""

from dataclasses import dataclass
from datetime import timedelta

from psycopg import Connection
from psycopg.rows import class_row

from flask_endpoint.errors import Conflict

LOGIN_TIMEOUT = timedelta(minutes=10)
INSERT_LOGIN = """
    INSERT INTO vault.login (state, listener_id, display_name, time_zone, code_verifier, expires_at)
    VALUES (%s, %s, %s, %s, %s, now() + %s)
"""
TAKE_LOGIN = """
    DELETE FROM vault.login WHERE state = %s AND expires_at > now()
    RETURNING listener_id, display_name, time_zone, code_verifier
"""


@dataclass(frozen=True)
class Login:
    """A login in progress: the listener to connect, and the encrypted PKCE code verifier."""

    listener_id: str
    display_name: str | None
    time_zone: str | None
    code_verifier: bytes


def save_login(connection: Connection, state: str, login: Login) -> None:
    """Store a login under its OAuth state until LOGIN_TIMEOUT, and delete expired logins."""
    connection.execute("DELETE FROM vault.login WHERE expires_at < now()")
    connection.execute(
        INSERT_LOGIN,
        (state, login.listener_id, login.display_name, login.time_zone, login.code_verifier, LOGIN_TIMEOUT),
    )


def take_login(connection: Connection, state: str) -> Login | None:
    """Remove and return the login with this OAuth state. Return None if it expired or was already taken."""
    with connection.cursor(row_factory=class_row(Login)) as cursor:
        return cursor.execute(TAKE_LOGIN, (state,)).fetchone()


def link_account(connection: Connection, account_id: str, listener_id: str) -> None:
    """Link a Spotify account to a listener. Raises Conflict if either of them already has another link."""
    connection.execute(
        "INSERT INTO vault.account (account_id, listener_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (account_id, listener_id),
    )
    links = connection.execute(
        "SELECT account_id, listener_id FROM vault.account WHERE account_id = %s OR listener_id = %s",
        (account_id, listener_id),
    ).fetchall()
    if links == [(account_id, listener_id)]:
        return
    linked = [listener for account, listener in links if account == account_id and listener != listener_id]
    raise Conflict(
        f"This Spotify account is already connected as listener {linked[0]}. Use that name."
        if linked
        else f"Listener {listener_id} belongs to another Spotify account. Choose another name."
    )


def check_simulated(connection: Connection, listener_id: str, is_simulated: bool) -> None:
    """Raise Conflict if the listener exists, but is real instead of simulated or the reverse."""
    row = connection.execute("SELECT is_simulated FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone()
    if row is None or row[0] == is_simulated:
        return
    raise Conflict(
        f"{listener_id} is a simulated listener. Choose another name, or delete the simulated listeners with `make demo-clean`."
        if row[0]
        else f"{listener_id} is a real listener, but Spotify is simulated here. Choose another name."
    )


def latest_connected_listener(connection: Connection) -> str | None:
    """Return the listener who connected Spotify last, or None if nobody is connected."""
    row = connection.execute(
        "SELECT listener_id FROM vault.token WHERE status = 'connected' ORDER BY authorized_at DESC LIMIT 1"
    ).fetchone()
    return str(row[0]) if row else None
