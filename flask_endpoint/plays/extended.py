"""Convert rows of the extended streaming history, old and new."""

import re
from functools import lru_cache

from msgspec import Struct

from flask_endpoint.plays.instants import Horizon, computed_end
from flask_endpoint.plays.names import names_id, normalise, provisional_id
from flask_endpoint.plays.row import PlayRow, check_ms_played
from flask_endpoint.plays.text import LimitedText

# Old platform texts can end in a hash, serial or MAC address, which identifies the listener's device.
DEVICE_HASH = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[0-9a-f]*\d)[0-9a-f]{12,}|(?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?![0-9a-z])",
    re.IGNORECASE,
)
API_ONLY_FIELDS = (None,) * (len(PlayRow._fields) - PlayRow._fields.index("context_uri"))
SPOTIFY_ID = re.compile(r"[0-9A-Za-z]{22}", re.ASCII)
CACHED_TRACKS, CACHED_PLATFORMS = 50_000, 1_000

Text = str | None
# The fields of PlayRow from kind to album_id.
Identity = tuple[Text, Text, Text, Text, Text, Text, Text, Text, Text, Text, Text]
# Kind, own id, title, artist (or show, or book) and album.
Names = tuple[Text, Text, Text, Text, Text]
UNKNOWN: Names = (None, None, None, None, None)


class ExtendedRow(Struct, frozen=True):
    """The fields that are read from a row. IP address, user name, user agent and location are not read."""

    ts: LimitedText = None
    ms_played: int | None = None
    platform: LimitedText = None
    conn_country: LimitedText = None
    master_metadata_track_name: LimitedText = None
    master_metadata_album_artist_name: LimitedText = None
    master_metadata_album_album_name: LimitedText = None
    spotify_track_uri: LimitedText = None
    episode_name: LimitedText = None
    episode_show_name: LimitedText = None
    spotify_episode_uri: LimitedText = None
    audiobook_title: LimitedText = None
    audiobook_uri: LimitedText = None
    audiobook_chapter_uri: LimitedText = None
    audiobook_chapter_title: LimitedText = None
    reason_start: LimitedText = None
    reason_end: LimitedText = None
    shuffle: bool | None = None
    skipped: bool | None = None
    offline: bool | None = None
    offline_timestamp: int | float | None = None
    incognito_mode: bool | None = None


def play_row(row: ExtendedRow, horizon: Horizon, is_video: bool) -> PlayRow:
    """Convert a row to a PlayRow. Raises Rejected for an invalid end or length."""
    ms_played = check_ms_played(row.ms_played)
    ts = horizon.read(row.ts)
    ended_at = computed_end(ts, ms_played, row.offline_timestamp, row.offline, row.reason_end)
    is_music = not (
        row.spotify_episode_uri
        or row.episode_name
        or row.audiobook_title
        or row.audiobook_uri
        or row.audiobook_chapter_uri
    )
    if is_music:
        identity = _music(
            row.spotify_track_uri,
            row.master_metadata_track_name,
            row.master_metadata_album_artist_name,
            row.master_metadata_album_album_name,
            is_video,
        )
    else:
        identity = with_keys(*identify(row, is_video))
    return PlayRow._make(  # Twice as fast as keyword arguments, and this runs for every row.
        (
            "extended",
            ts,
            ended_at or ts,
            ended_at is not None,
            ms_played,
            *identity,
            row.incognito_mode is True,
            row.skipped,
            row.shuffle,
            row.offline,
            row.reason_start,
            row.reason_end,
            without_device(row.platform),
            row.conn_country,
            *API_ONLY_FIELDS,
        )
    )


@lru_cache(CACHED_TRACKS)
def _music(track_uri: str | None, title: str | None, artist: str | None, album: str | None, is_video: bool) -> Identity:
    """Return the identity of a row that has only track fields. Cached, because listeners repeat tracks."""
    row = ExtendedRow(
        spotify_track_uri=track_uri,
        master_metadata_track_name=title,
        master_metadata_album_artist_name=artist,
        master_metadata_album_album_name=album,
    )
    return with_keys(*identify(row, is_video))


def with_keys(
    kind: str | None, own_id: str | None, title: str | None, artist: str | None, album: str | None
) -> Identity:
    """Add the normalised names, and the provisional ids of artist and album."""
    title_key, artist_key, album_key = normalise(title), normalise(artist), normalise(album)
    has_artist = kind == "track" and artist_key is not None
    return (
        kind,
        own_id,
        names_id(artist_key, title_key),
        title if title_key else None,
        artist if artist_key else None,
        album,
        title_key,
        artist_key,
        album_key,
        provisional_id("artist", artist_key) if has_artist else None,
        provisional_id("album", artist_key, album_key) if has_artist and album_key else None,
    )


def identify(row: ExtendedRow, is_video: bool) -> Names:
    """Return kind, own id, title, artist and album, by the data contract's order of kinds; UNKNOWN if nothing identifies it."""
    title, artist = row.master_metadata_track_name, row.master_metadata_album_artist_name
    if track_id := uri_id(row.spotify_track_uri, "track"):
        return "track", track_id, title, artist, name_or_none(row.master_metadata_album_album_name)
    if row.audiobook_uri or name_or_none(row.audiobook_title) or row.audiobook_chapter_uri:
        own_id = uri_id(row.audiobook_chapter_uri)
        return _spoken("chapter", own_id, row.audiobook_chapter_title, row.audiobook_title, row.audiobook_uri)
    if row.spotify_episode_uri or name_or_none(row.episode_name):
        return _spoken("episode", uri_id(row.spotify_episode_uri), row.episode_name, row.episode_show_name, None)
    if name_or_none(artist) and name_or_none(title) and not is_video:
        own_id = provisional_id("track", normalise(artist), normalise(title))
        return "track", own_id, title, artist, name_or_none(row.master_metadata_album_album_name)
    return UNKNOWN


def _spoken(kind: str, own_id: str | None, title: str | None, show: str | None, show_uri: str | None) -> Names:
    """Return the Names of an episode or chapter. Without a title it has the show's; without an id, a provisional one or the show's."""
    show = name_or_none(show)
    title = name_or_none(title) or show
    if own_id is None and title:
        own_id = provisional_id(kind, normalise(show), normalise(title))
    own_id = own_id or uri_id(show_uri)
    return (kind, own_id, title, show, None) if own_id else UNKNOWN


def name_or_none(name: str | None) -> str | None:
    """Return the name, or None if it is empty or blank."""
    return name if normalise(name) else None


@lru_cache(CACHED_TRACKS)
def uri_id(uri: str | None, kind: str | None = None) -> str | None:
    """Return the id in `spotify:<kind>:<id>`; None for other texts, such as the URIs of local files."""
    parts = uri.split(":") if uri else []
    if len(parts) != 3 or parts[0] != "spotify" or not SPOTIFY_ID.fullmatch(parts[2]):
        return None
    return parts[2] if kind in (None, parts[1]) else None


@lru_cache(CACHED_PLATFORMS)
def without_device(platform: str | None) -> str | None:
    """Return the platform without hashes and serials of devices."""
    return DEVICE_HASH.sub("", platform) if platform else platform
