"""The encrypted tokens in `vault.token`, and the token cache that spotipy reads and writes.

A refresh locks the listener's row, so that two processes never use the same refresh token: if Spotify returns a new refresh token, the
old one is no longer valid.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool
from spotipy.cache_handler import CacheHandler

from flask_endpoint.errors import Conflict, NeedsReconnect, UnreadableToken
from flask_endpoint.settings import Settings
from flask_endpoint.spotify.oauth import Token

# Spotify ends a consent six months after it was given, however often its token is refreshed. `t` is vault.token.
CONSENT_ENDS_AT = "t.authorized_at + interval '6 months'"
ENDS_SOON = f"coalesce(t.status = 'connected' AND now() > {CONSENT_ENDS_AT} - interval '30 days', false)"
READ_ROW = "SELECT access_token, refresh_token, scope, expires_at, status FROM vault.token WHERE listener_id = %s"
SAVE_REFRESH = """
    UPDATE vault.token
    SET access_token = %(access)s, refresh_token = %(refresh)s, scope = coalesce(%(scope)s, scope), expires_at = %(expires_at)s,
        updated_at = now()
    WHERE listener_id = %(listener_id)s
"""
# Compares the refresh token, because the listener may have connected again since it was read.
MARK_FOR_RECONNECT = """
    UPDATE vault.token SET status = 'reconnect', reason = %s, access_token = NULL, updated_at = now()
    WHERE listener_id = %s AND refresh_token = %s
"""
SAVE_CONSENT = """
    INSERT INTO vault.token (listener_id, access_token, refresh_token, scope, expires_at, authorized_at)
    VALUES (%(listener_id)s, %(access)s, %(refresh)s, %(scope)s, %(expires_at)s, %(authorized_at)s)
    ON CONFLICT (listener_id) DO UPDATE
    SET access_token = excluded.access_token, refresh_token = excluded.refresh_token, scope = excluded.scope,
        expires_at = excluded.expires_at, authorized_at = excluded.authorized_at, status = 'connected', reason = NULL, updated_at = now()
"""


def cipher_of(settings: Settings) -> MultiFernet:
    """Return a cipher that encrypts with the first key of TOKEN_KEY and decrypts with any of its keys."""
    return MultiFernet([Fernet(key.strip()) for key in settings.token_key.get_secret_value().split(",")])


def connect_listener(
    connection: psycopg.Connection, cipher: MultiFernet, listener_id: str, token: Token, *, authorized_at: datetime
) -> None:
    """Store the token of a new consent. It replaces the listener's earlier token."""
    row = _row(cipher, listener_id, token) | {"scope": token.get("scope") or "", "authorized_at": authorized_at}
    connection.execute(SAVE_CONSENT, row)


def connected_listeners(connection: psycopg.Connection) -> list[str]:
    """Return the listeners whose Spotify connection is usable, by id."""
    rows = connection.execute("SELECT listener_id FROM vault.token WHERE status = 'connected' ORDER BY listener_id")
    return [listener_id for (listener_id,) in rows]


def rotate_tokens(connection: psycopg.Connection, cipher: MultiFernet) -> int:
    """Encrypt every stored token with the first key of TOKEN_KEY, so that the other keys can be removed. Return the number of tokens.

    Raises Conflict if no key decrypts a token.
    """
    rows = connection.execute(
        "SELECT listener_id, access_token, refresh_token FROM vault.token ORDER BY listener_id FOR UPDATE"
    ).fetchall()
    try:
        rotated = [
            (access and cipher.rotate(bytes(access)), cipher.rotate(bytes(refresh)), listener)
            for listener, access, refresh in rows
        ]
    except InvalidToken:
        raise Conflict("A stored token cannot be decrypted with TOKEN_KEY. Append the former key to it.") from None
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE vault.token SET access_token = %s, refresh_token = %s, updated_at = now() WHERE listener_id = %s",
            rotated,
        )
    return len(rows)


class TokenStore(CacheHandler):  # type: ignore[misc]  # spotipy has no types.
    """The token of one listener. Not thread-safe."""

    def __init__(self, pool: ConnectionPool, cipher: MultiFernet, listener_id: str) -> None:
        self.listener_id = listener_id
        self._pool = pool
        self._cipher = cipher
        self._locking: psycopg.Connection | None = None  # The connection that locks the token's row.
        self._last_read = b""  # The refresh token, encrypted as in the row.

    def get_cached_token(self) -> Token:
        """Return the token. Raises NeedsReconnect, or UnreadableToken if TOKEN_KEY does not decrypt it."""
        with self._pool.connection() as connection:
            return self._read(connection, READ_ROW)

    def save_token_to_cache(self, token_info: Token) -> None:
        """Store a refreshed token."""
        row = _row(self._cipher, self.listener_id, token_info) | {"scope": token_info.get("scope")}
        if self._locking is not None:
            self._locking.execute(SAVE_REFRESH, row)
            return
        with self._pool.connection() as connection:
            connection.execute(SAVE_REFRESH, row)

    @contextmanager
    def locked(self) -> Iterator[Token]:
        """Yield the current token, with its row locked until the block ends."""
        with self._pool.connection() as connection:
            token = self._read(connection, f"{READ_ROW} FOR UPDATE")
            self._locking = connection
            try:
                yield token
            finally:
                self._locking = None

    def mark_for_reconnect(self, reason: str) -> None:
        """Store that the listener must connect again, so that the token is not used any more."""
        with self._pool.connection() as connection:
            connection.execute(MARK_FOR_RECONNECT, (reason, self.listener_id, self._last_read))

    def _read(self, connection: psycopg.Connection, query: str) -> Token:
        row = connection.cursor(row_factory=dict_row).execute(query, (self.listener_id,)).fetchone()
        if row is None:
            raise NeedsReconnect(f"{self.listener_id} has not connected Spotify.")
        if row["status"] == "reconnect":
            raise NeedsReconnect(f"Spotify has ended the consent. {self.listener_id} must connect Spotify again.")
        self._last_read = bytes(row["refresh_token"])
        try:
            refresh = self._cipher.decrypt(self._last_read).decode()
            access = self._cipher.decrypt(bytes(row["access_token"])).decode() if row["access_token"] else ""
        except InvalidToken:
            raise UnreadableToken(
                "The stored token cannot be decrypted with TOKEN_KEY. Append the former key to it, or connect Spotify again."
            ) from None
        expires_at = int(row["expires_at"].timestamp()) if access else 0
        return {"access_token": access, "refresh_token": refresh, "scope": row["scope"], "expires_at": expires_at}


def _row(cipher: MultiFernet, listener_id: str, token: Token) -> dict[str, Any]:
    return {
        "listener_id": listener_id,
        "access": cipher.encrypt(token["access_token"].encode()),
        "refresh": cipher.encrypt(token["refresh_token"].encode()),
        "expires_at": datetime.fromtimestamp(token["expires_at"], UTC),
    }
