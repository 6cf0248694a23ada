"""Tokens as Spotify returns them and as the endpoint stores them."""

from datetime import UTC, datetime

import psycopg

from flask_endpoint.context import Endpoint
from flask_endpoint.spotify.token_store import connect_listener
from tests.flask_endpoint.faulty_spotify import Answer

HOUR = 3600


def new_token(access: str | None = "new", **others: object) -> Answer:
    """Return the answer of Spotify's token endpoint to a refresh."""
    return Answer(
        200,
        {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": HOUR,
            "scope": "user-read-recently-played",
            **others,
        },
    )


def store_token(endpoint: Endpoint, *, expires_in: int, scope: str = "user-read-recently-played") -> None:
    """Connect ana with an access token that expires in so many seconds."""
    token = {
        "access_token": "old",
        "refresh_token": "r1",
        "scope": scope,
        "expires_at": datetime.now(UTC).timestamp() + expires_in,
    }
    with endpoint.pool.connection() as connection:
        connection.execute(
            "INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana') ON CONFLICT DO NOTHING"
        )
        connect_listener(connection, endpoint.cipher, "ana", token, authorized_at=datetime.now(UTC))


def stored_token(endpoint: Endpoint, source: psycopg.Connection) -> tuple[str, str, str | None]:
    """Return the decrypted refresh token, the status and the reason."""
    [(refresh, status, reason)] = source.execute("SELECT refresh_token, status, reason FROM vault.token").fetchall()
    return endpoint.cipher.decrypt(bytes(refresh)).decode(), status, reason
