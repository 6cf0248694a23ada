"""When a play ended: Spotify's several notations, and the truth behind rows that were sent late."""

import re
from datetime import UTC, datetime, timedelta

from flask_endpoint.plays.row import EARLY_END, LATE_END, UNREADABLE_END, Rejected

EARLIEST = datetime(2008, 1, 1, tzinfo=UTC)  # Spotify did not exist before.
EARLIEST_TEXT = "2008-01-01T00:00:00Z"
SLACK_AHEAD = timedelta(days=1)  # of clocks that run fast
CANONICAL_LENGTH = len(EARLIEST_TEXT)
CANONICAL_MARKS = EARLIEST_TEXT[4::3]  # what stands between the numbers
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?UTC|Z|[+-]\d\d:?\d\d)?", re.ASCII)
SMALLEST_TIMESTAMP = 100  # 0 and 1 stand for none
MILLISECONDS_ABOVE = 100_000_000_000  # the unit changed in 2022
SYNC_DELAY = timedelta(minutes=30)  # a `ts` later than the computed end by more than this is not the end of the music
CLOCK_ERROR = timedelta(seconds=60)  # an end this much after ts is still believed
UNEXPECTED_EXIT = "unexpected-exit"  # prefix
LOGOUT = "logout"  # `ts` is when the app signed out


class Horizon:
    """The latest end that is believed, given the time of reading."""

    def __init__(self, now: datetime) -> None:
        self.latest = now + SLACK_AHEAD
        self._text = self.latest.strftime("%Y-%m-%dT%H:%M:%SZ")

    def read(self, value: object) -> str:
        """Return the instant as PostgreSQL reads it; raise Rejected when it is unreadable or out of range."""
        # Where these stand the rest can only be digits: fromisoformat also reads weeks, and times without colons.
        if type(value) is str and len(value) == CANONICAL_LENGTH and value[4::3] == CANONICAL_MARKS:
            try:
                datetime.fromisoformat(value)
            except ValueError:
                raise Rejected(UNREADABLE_END) from None
            if EARLIEST_TEXT <= value <= self._text:
                return value
        return self._in_range(parse_instant(value)).isoformat()

    def read_minute(self, value: object) -> str:
        """Read an account export's endTime: second 0 of its minute."""
        return self._in_range(parse_instant(value)).replace(second=0, microsecond=0).isoformat()

    def _in_range(self, instant: datetime) -> datetime:
        if instant < EARLIEST:
            raise Rejected(EARLY_END)
        if instant > self.latest:
            raise Rejected(LATE_END)
        return instant


def parse_instant(value: object) -> datetime:
    """Parse one of Spotify's notations, UTC where it does not say; raise Rejected when it is none."""
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        raise Rejected(UNREADABLE_END)
    try:
        instant = datetime.fromisoformat(value.removesuffix("UTC").rstrip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Rejected(UNREADABLE_END) from None


def computed_end(
    ts: str, ms_played: int, offline_timestamp: object, offline: bool | None, reason_end: str | None
) -> str | None:
    """Return the end by the device's clock where that is nearer the truth than `ts`, else None."""
    may_be_late = reason_end is not None and (reason_end == LOGOUT or reason_end.startswith(UNEXPECTED_EXIT))
    if offline is not True and not may_be_late:
        return None
    started_at = _device_start(offline_timestamp)
    if started_at is None or started_at < EARLIEST:
        return None
    ended_at = started_at + timedelta(milliseconds=ms_played)
    sent_at = datetime.fromisoformat(ts)
    if ended_at > sent_at + CLOCK_ERROR:
        return None
    if offline is not True and sent_at - ended_at <= SYNC_DELAY:
        return None
    return ended_at.isoformat()


def _device_start(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= SMALLEST_TIMESTAMP:
        return None
    try:
        return datetime.fromtimestamp(int(value // 1000 if value > MILLISECONDS_ABOVE else value), UTC)
    except (ValueError, OverflowError, OSError):
        return None
