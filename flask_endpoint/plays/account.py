"""Convert rows of the account-data export, which have times in minutes, names and no ids."""

from msgspec import Struct

from flask_endpoint.plays.extended import name_or_none
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.names import names_id, normalise, provisional_id
from flask_endpoint.plays.row import PlayRow, check_ms_played
from flask_endpoint.plays.text import LimitedText


class AccountRow(Struct, frozen=True):
    """The fields that are read from a row. Podcast and audiobook files have their own names for artist and title."""

    endTime: LimitedText = None
    msPlayed: int | None = None
    artistName: LimitedText = None
    trackName: LimitedText = None
    podcastName: LimitedText = None
    episodeName: LimitedText = None
    audiobookName: LimitedText = None
    chapterName: LimitedText = None


def play_row(row: AccountRow, horizon: Horizon, kind_hint: str | None) -> PlayRow:
    """Convert a row to a PlayRow. Raises Rejected for an invalid time or length."""
    ms_played = check_ms_played(row.msPlayed)
    ended_at = horizon.read_minute(row.endTime)
    kind, artist, title = identify(row, kind_hint)
    title_key, artist_key = normalise(title), normalise(artist)
    return PlayRow(
        "account",
        ended_at,
        ended_at,
        False,
        ms_played,
        kind,
        provisional_id(kind, artist_key, title_key) if kind else None,
        names_id(artist_key, title_key),
        title,
        artist,
        None,
        title_key,
        artist_key,
        None,
        provisional_id("artist", artist_key) if kind == "track" else None,
        None,
    )


def identify(row: AccountRow, kind_hint: str | None) -> tuple[str | None, str | None, str | None]:
    """Return kind, artist (or show, or book) and title; three None if the row is unidentified."""
    if kind_hint == "chapter" or row.audiobookName:
        kind, artist, title = "chapter", row.audiobookName or row.artistName, row.chapterName or row.trackName
    elif kind_hint == "episode" or row.podcastName:
        kind, artist, title = "episode", row.podcastName or row.artistName, row.episodeName or row.trackName
    else:
        kind, artist, title = "track", row.artistName, row.trackName
    artist, title = name_or_none(artist), name_or_none(title)
    if kind != "track":
        title = title or artist
    is_identified = title and (artist or kind != "track")
    return (kind, artist, title) if is_identified else (None, None, None)
