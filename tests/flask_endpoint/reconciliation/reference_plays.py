"""Reference implementation, part 3: the fields of a play, each from the best of its rows."""

from typing import Any

from flask_endpoint.plays.names import provisional_id
from flask_endpoint.plays.row import PlayRow
from tests.flask_endpoint.reconciliation.reference_items import Item, instant
from tests.flask_endpoint.reconciliation.reference_matching import Play

PLAY_COLUMNS = (
    "ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, is_private, skipped, "
    "shuffle, platform, context_uri, origin"
)


def play_fields(play: Play) -> tuple[Any, ...]:
    """Return the fields in PLAY_COLUMNS."""
    lead, account, api = (_row(item) for item in (play.richest, play.account, play.api))
    assert lead is not None
    kind = _first("kind", lead, account)
    by_preference = [row for row in (api, lead, account) if row]
    return (
        _ended_at(play, lead, api),
        lead.ms_played,
        kind,
        _track_id(lead, account, api),
        *(_artist_and_album(by_preference) if kind == "track" else (None, None)),
        _first("title", api, lead, account),
        _first("artist_name", api, lead, account),
        _first("album_title", api, lead),
        lead.is_private,
        lead.skipped,
        lead.shuffle,
        lead.platform,
        _first("context_uri", api, lead),
        lead.origin,
    )


def _row(item: Item | None) -> PlayRow | None:
    return item.representative if item else None


def _first(name: str, *rows: PlayRow | None) -> Any:
    """Return the field of the first row that has a value for it."""
    return next((value for row in rows if row and (value := getattr(row, name)) is not None), None)


def _ended_at(play: Play, lead: PlayRow, api: PlayRow | None) -> Any:
    if play.is_pass_4:
        assert play.account is not None
        return play.account.ended_at
    return instant(api.ended_at) if lead.origin == "account" and api else play.richest.ended_at


def _track_id(lead: PlayRow, account: PlayRow | None, api: PlayRow | None) -> str | None:
    """Return the API's Spotify id, else the id of the richest row that has one."""
    has_api_id = api is not None and api.track_id is not None and not api.track_id.startswith("x:")
    return api.track_id if api and has_api_id else _first("track_id", lead, account, api)


def _artist_and_album(rows: list[PlayRow]) -> tuple[str | None, str | None]:
    """Return the ids of artist and album: the API row's, else provisional ids of the first names."""
    api = next((row for row in rows if row.origin == "api"), None)
    artist_key, album_key = _first("artist_key", *rows), _first("album_key", *rows)
    album_artist_key = _first("album_artist_key", *rows) or artist_key
    artist = provisional_id("artist", artist_key) if artist_key else None
    album = provisional_id("album", album_artist_key, album_key) if album_artist_key and album_key else None
    return (api and api.artist_id) or artist, (api and api.album_id) or album
