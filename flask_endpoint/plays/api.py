"""Convert items of recently-played. Any field of Spotify's objects can be missing or null."""

from collections.abc import Mapping
from typing import Any

from flask_endpoint.plays.extended import SPOTIFY_ID, name_or_none
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.names import names_id, normalise, provisional_id
from flask_endpoint.plays.row import NOT_AN_OBJECT, PlayRow, Rejected
from flask_endpoint.plays.text import repair_text


def play_row(item: object, horizon: Horizon) -> PlayRow:
    """Convert an item to a PlayRow. Raises Rejected for an item that is not an object or has no valid end."""
    if not isinstance(item, Mapping):
        raise Rejected(NOT_AN_OBJECT)
    ended_at = horizon.read(item.get("played_at"))
    track = _object(item.get("track"))
    is_episode = track.get("type") == "episode"
    album = _object(track.get("album"))
    artist, album_artist = _first(track.get("artists")), _first(album.get("artists"))
    title = text_of(track, "name")
    artist_name = text_of(_object(track.get("show")) if is_episode else artist, "name")
    title_key, artist_key, album_artist_key = (
        normalise(title),
        normalise(artist_name),
        normalise(text_of(album_artist, "name")),
    )
    kind, track_id = _identify(track, is_episode, artist_key, title_key)
    album_title = None if is_episode else text_of(album, "name")
    return PlayRow(
        "api",
        ended_at,
        ended_at,
        False,
        None,
        kind,
        track_id,
        names_id(artist_key, title_key) if kind else None,
        title if kind else None,
        artist_name if kind else None,
        album_title,
        title_key if kind else None,
        artist_key if kind else None,
        normalise(album_title),
        id_of(artist),
        id_of(album),
        context_uri=text_of(_object(item.get("context")), "uri"),
        album_artist_id=id_of(album_artist),
        album_artist_key=album_artist_key,
        album_names_id=names_id(album_artist_key, title_key),
    )


def _identify(
    track: Mapping[str, Any], is_episode: bool, artist_key: str | None, title_key: str | None
) -> tuple[str | None, str | None]:
    kind = "episode" if is_episode else "track"
    if own_id := id_of(track):
        return kind, own_id
    if title_key and (artist_key or is_episode):  # A local file has names but no id.
        return kind, provisional_id(kind, artist_key, title_key)
    return None, None


def id_of(item: Mapping[str, Any]) -> str | None:
    """Return the object's id, or None if it is missing or invalid."""
    value = item.get("id")
    return value if isinstance(value, str) and SPOTIFY_ID.fullmatch(value) else None


def text_of(item: Mapping[str, Any], field: str) -> str | None:
    """Return a text field, repaired for PostgreSQL; None if it is missing, blank or not text."""
    value = item.get(field)
    return name_or_none(repair_text(value)) if isinstance(value, str) else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _first(values: object) -> Mapping[str, Any]:
    return _object(values[0]) if isinstance(values, list) and values else {}
