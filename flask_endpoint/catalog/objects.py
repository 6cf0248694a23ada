"""Convert Spotify's tracks, albums and artists to rows. A field that is missing, null or of an unexpected type becomes null."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from flask_endpoint.plays.api import id_of, text_of
from flask_endpoint.plays.names import normalise
from flask_endpoint.plays.text import repair_text

LARGEST_INTEGER = 2**31 - 1
MOST_GENRES = 50  # of an artist; Spotify gives at most a dozen. More would make a large record in Kafka.
PRECISIONS = {4: "year", 7: "month", 10: "day"}  # by length of the date


class TrackRow(NamedTuple):
    """The columns of raw.catalog_track that a track gives."""

    track_id: str
    title: str
    title_key: str
    album_id: str | None
    artist_ids: list[str]
    duration_ms: int | None
    explicit: bool | None
    popularity: int | None
    isrc: str | None
    track_number: int | None
    disc_number: int | None
    file_artist_key: str | None = None  # from a catalog file, which has no artist ids


class AlbumRow(NamedTuple):
    """The columns of raw.catalog_album that an album gives."""

    album_id: str
    title: str
    title_key: str
    artist_ids: list[str]
    album_type: str | None
    total_tracks: int | None
    release_date: date | None
    release_precision: str | None
    label: str | None
    popularity: int | None
    image_url: str | None


class ArtistRow(NamedTuple):
    """The columns of raw.catalog_artist that an artist gives."""

    artist_id: str
    name: str
    name_key: str
    popularity: int | None
    followers: int | None
    genres: list[str] | None
    image_url: str | None


def track_row(track: Mapping[str, Any]) -> TrackRow | None:
    """Return the row, or None for an object without id or name."""
    if (identity := _identity(track)) is None:
        return None
    explicit = track.get("explicit")
    return TrackRow(
        *identity,
        album_id=id_of(_object(track, "album")),
        artist_ids=_artist_ids(track),
        duration_ms=_integer(track, "duration_ms"),
        explicit=explicit if isinstance(explicit, bool) else None,
        popularity=_integer(track, "popularity"),
        isrc=text_of(_object(track, "external_ids"), "isrc"),
        track_number=_integer(track, "track_number"),
        disc_number=_integer(track, "disc_number"),
    )


def album_row(album: Mapping[str, Any]) -> AlbumRow | None:
    """Return the row, or None for an object without id or name."""
    if (identity := _identity(album)) is None:
        return None
    release_date, release_precision = _release(text_of(album, "release_date"))
    return AlbumRow(
        *identity,
        artist_ids=_artist_ids(album),
        album_type=text_of(album, "album_type"),
        total_tracks=_integer(album, "total_tracks"),
        release_date=release_date,
        release_precision=release_precision,
        label=text_of(album, "label"),
        popularity=_integer(album, "popularity"),
        image_url=_image(album),
    )


def artist_row(artist: Mapping[str, Any]) -> ArtistRow | None:
    """Return the row, or None for an object without id or name."""
    if (identity := _identity(artist)) is None:
        return None
    return ArtistRow(
        *identity,
        popularity=_integer(artist, "popularity"),
        followers=_integer(_object(artist, "followers"), "total"),
        genres=_genres(artist),
        image_url=_image(artist),
    )


def _identity(thing: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Return id, name and normalised name, or None without an id or a name."""
    own, name = id_of(thing), text_of(thing, "name")
    key = normalise(name)
    return (own, name, key) if own and name and key else None


def _object(thing: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = thing.get(field)
    return value if isinstance(value, Mapping) else {}


def _objects(thing: Mapping[str, Any], field: str) -> list[Mapping[str, Any]]:
    values = thing.get(field)
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list) else []


def _artist_ids(thing: Mapping[str, Any]) -> list[str]:
    """Return the ids of the credited artists without duplicates; Spotify sometimes credits an artist twice."""
    return list(dict.fromkeys(own for artist in _objects(thing, "artists") if (own := id_of(artist))))


def _genres(artist: Mapping[str, Any]) -> list[str] | None:
    genres = artist.get("genres")
    if not isinstance(genres, list):
        return None
    return [repair_text(genre) for genre in genres if isinstance(genre, str)][:MOST_GENRES]


def _integer(thing: Mapping[str, Any], field: str) -> int | None:
    value = thing.get(field)
    return value if type(value) is int and 0 <= value <= LARGEST_INTEGER else None


def _image(thing: Mapping[str, Any]) -> str | None:
    """Return the URL of the first image, which is the largest."""
    images = _objects(thing, "images")
    return text_of(images[0], "url") if images else None


def _release(text: str | None) -> tuple[date | None, str | None]:
    """Return date and precision of 1975, 1975-03 or 1975-03-09: the first day of the year or month. Return (None, None) for other text."""
    precision = PRECISIONS.get(len(text)) if text else None
    if text is None or precision is None:
        return None, None
    try:
        return date.fromisoformat(text + "-01-01"[len(text) - 4 :] if precision != "day" else text), precision
    except ValueError:
        return None, None
