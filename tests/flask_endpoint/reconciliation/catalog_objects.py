"""A track, its album and its artist, as Spotify's API returns them."""

from typing import Any

from tests.flask_endpoint.reconciliation.listening import spotify_id

TRACK: dict[str, Any] = {
    "id": spotify_id("catalog track"),
    "name": "Song",
    "artists": [{"id": spotify_id("Band"), "name": "Band"}, {"id": spotify_id("Guest"), "name": "Guest"}],
    "album": {"id": spotify_id("album")},
    "duration_ms": 200_000,
    "explicit": False,
    "popularity": 50,
    "external_ids": {"isrc": "XX1234567890"},
}
ALBUM: dict[str, Any] = {
    "id": spotify_id("album"),
    "name": "Record",
    "artists": TRACK["artists"][:1],
    "release_date": "1975",
    "total_tracks": 9,
}
ARTIST: dict[str, Any] = {
    "id": spotify_id("Band"),
    "name": "Band",
    "genres": [],
    "images": [{"url": "https://i.example/1"}],
}
