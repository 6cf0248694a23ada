"""Pages of recently played tracks as Spotify returns them, and listeners whose plays a sync polls."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_endpoint.context import Endpoint
from flask_endpoint.reconciliation.promote import promote
from flask_endpoint.spotify.token_store import connect_listener
from tests.flask_endpoint.faulty_spotify import Answer

RECENT = "/v1/me/player/recently-played"
TRACKS = ["0000000000000000000001", "0000000000000000000002", "0000000000000000000003"]
ALBUM, ARTIST, GUEST = "00000000000000000000a1", "00000000000000000000p1", "00000000000000000000p2"


def play(track_id: str | None, played_at: str, **others: Any) -> dict[str, Any]:
    """Return a play of a track by two artists. Keyword arguments override fields of the track."""
    track = {
        "id": track_id,
        "type": "track",
        "name": f"Track {track_id}",
        "artists": [{"id": ARTIST, "name": "One"}, {"id": GUEST, "name": "Two"}],
        "album": {
            "id": ALBUM,
            "name": "Horses",
            "release_date": "1975",
            "total_tracks": 8,
            "artists": [{"id": ARTIST, "name": "One"}],
        },
        "duration_ms": 200_000,
        "external_ids": {"isrc": "XX"},
    }
    return {"track": track | others, "played_at": played_at, "context": None}


def page(*items: Any) -> Answer:
    """Return Spotify's answer with these items, as its only page."""
    return Answer(200, {"items": list(items), "next": None, "cursors": None, "limit": 50})


def no_wait(seconds: float) -> None:
    """Fail a test in which the sync waits."""
    if seconds:
        raise AssertionError(f"the sync waits {seconds} s")


def add_connected_listener(endpoint: Endpoint, listener_id: str, access: str = "good") -> None:
    """Store a connected listener with an access token that is valid for an hour."""
    token = {"access_token": access, "refresh_token": f"r-{listener_id}", "scope": "user-read-recently-played"}
    with endpoint.pool.connection() as connection:
        connection.execute(
            "INSERT INTO raw.listener (listener_id, display_name) VALUES (%s, %s)", (listener_id, listener_id)
        )
        expires_at = (datetime.now(UTC) + timedelta(hours=1)).timestamp()
        connect_listener(
            connection,
            endpoint.cipher,
            listener_id,
            token | {"expires_at": expires_at},
            authorized_at=datetime.now(UTC),
        )


def promote_all(endpoint: Endpoint, result: Mapping[str, Any]) -> None:
    """Promote the batches that a sync returned."""
    for batch in result["batches"]:
        with endpoint.pool.connection() as connection:
            promote(connection, batch["batch_id"])
