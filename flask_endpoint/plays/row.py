"""The row that every origin is converted to, with the columns of landing.play except the batch, position and item id."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

LONGEST_PLAY = 86_400_000  # ms: a day
EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
NOT_AN_OBJECT = "the row is not an object"
BAD_MS_PLAYED = "ms_played is not an integer from 0 to 86,400,000"
UNREADABLE_END = "the end time cannot be read"
EARLY_END = "the end time is before 2008-01-01"
LATE_END = "the end time is more than a day ahead"
UNIDENTIFIED = "unidentified: neither URI nor name"


class Rejected(ValueError):
    """A row that is not a valid play. Its text is the reason."""


class PlayRow(NamedTuple):
    """A row of landing.play; the fields are in the order of COPY. Instants are text in ISO 8601."""

    origin: str
    ts: str
    ended_at: str
    is_end_computed: bool
    ms_played: int | None
    kind: str | None
    track_id: str | None
    names_id: str | None
    title: str | None
    artist_name: str | None
    album_title: str | None
    title_key: str | None
    artist_key: str | None
    album_key: str | None
    artist_id: str | None
    album_id: str | None
    is_private: bool = False
    skipped: bool | None = None
    shuffle: bool | None = None
    offline: bool | None = None
    reason_start: str | None = None
    reason_end: str | None = None
    platform: str | None = None
    country: str | None = None
    context_uri: str | None = None
    album_artist_id: str | None = None
    album_artist_key: str | None = None
    album_names_id: str | None = None


def item_id(listener_id: str, origin: str, ended_at: str, track_id: str | None, ms_played: int | None) -> str:
    """Return the id of a row. Rows with equal ids are the same row; a play that joins no other row has this id as play_id.

    The SQL function raw.play_id computes the same id.
    """
    microseconds = (datetime.fromisoformat(ended_at) - EPOCH) // MICROSECOND
    own_id = "" if track_id is None else f"{track_id}\x1f"
    length = -1 if ms_played is None else ms_played
    return sha256(f"{listener_id}\x1f{origin}\x1f{microseconds}\x1f{own_id}{length}".encode()).hexdigest()


def check_ms_played(value: object) -> int:
    """Return ms_played. Raises Rejected if it is not an integer from 0 to LONGEST_PLAY."""
    if type(value) is not int or not 0 <= value <= LONGEST_PLAY:  # isinstance would accept a bool.
        raise Rejected(BAD_MS_PLAYED)
    return value
