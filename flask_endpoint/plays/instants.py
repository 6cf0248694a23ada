"""Read the end of a play in each of Spotify's notations, and compute it for rows that Spotify received late."""

import re
from datetime import UTC, datetime, timedelta

from flask_endpoint.plays.row import EARLY_END, LATE_END, UNREADABLE_END, Rejected

EARLIEST = datetime(2008, 1, 1, tzinfo=UTC)  # Spotify did not exist before.
EARLIEST_TEXT = "2008-01-01T00:00:00Z"
FUTURE_TOLERANCE = timedelta(days=1)  # for clocks that run fast
CANONICAL_LENGTH = len(EARLIEST_TEXT)
CANONICAL_SEPARATORS = EARLIEST_TEXT[4::3]  # the characters between the numbers
INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?UTC|Z|[+-]\d\d:?\d\d)?", re.ASCII)
SMALLEST_TIMESTAMP = 100  # 0 and 1 mean that there is no timestamp
MILLISECONDS_ABOVE = 100_000_000_000  # Larger values are milliseconds, others seconds: the unit changed in 2022.
LATE_AFTER = timedelta(minutes=30)  # `ts` of an exit or logout is the end unless it is later by more than this
CLOCK_TOLERANCE = timedelta(seconds=60)  # a computed end may be this much after `ts`
UNEXPECTED_EXIT = "unexpected-exit"  # prefix
LOGOUT = "logout"


class Horizon:
    """Reads ends of plays and rejects those too far in the future, given the current time."""

    def __init__(self, now: datetime) -> None:
        self.latest = now + FUTURE_TOLERANCE
        self._text = self.latest.strftime("%Y-%m-%dT%H:%M:%SZ")

    def read(self, value: object) -> str:
        """Return the instant as text for PostgreSQL. Raises Rejected if it cannot be read or is out of range."""
        # With these separators, fromisoformat accepts only digits in between. Without them, it also accepts week dates and
        # times without colons.
        if type(value) is str and len(value) == CANONICAL_LENGTH and value[4::3] == CANONICAL_SEPARATORS:
            try:
                datetime.fromisoformat(value)
            except ValueError:
                raise Rejected(UNREADABLE_END) from None
            if EARLIEST_TEXT <= value <= self._text:
                return value
        return self._in_range(parse_instant(value)).isoformat()

    def read_minute(self, value: object) -> str:
        """Return the endTime of an account export, at second 0 of its minute. Raises Rejected like `read`."""
        return self._in_range(parse_instant(value)).replace(second=0, microsecond=0).isoformat()

    def _in_range(self, instant: datetime) -> datetime:
        if instant < EARLIEST:
            raise Rejected(EARLY_END)
        if instant > self.latest:
            raise Rejected(LATE_END)
        return instant


def parse_instant(value: object) -> datetime:
    """Parse an instant in one of Spotify's notations, in UTC unless it says otherwise. Raises Rejected for other texts."""
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
    """Return the end by the device's clock if it is more accurate than `ts`, else None.

    `ts` is when Spotify received the row. Rows played offline, or before an unexpected exit, can arrive long after the end. For a
    logout it is when the app signed out.
    """
    may_be_late = reason_end is not None and (reason_end == LOGOUT or reason_end.startswith(UNEXPECTED_EXIT))
    if offline is not True and not may_be_late:
        return None
    started_at = _device_start(offline_timestamp)
    if started_at is None or started_at < EARLIEST:
        return None
    ended_at = started_at + timedelta(milliseconds=ms_played)
    received_at = datetime.fromisoformat(ts)
    if ended_at > received_at + CLOCK_TOLERANCE:
        return None
    if offline is not True and received_at - ended_at <= LATE_AFTER:
        return None
    return ended_at.isoformat()


def _device_start(value: object) -> datetime | None:
    """Return an offline_timestamp, in seconds or milliseconds, as a datetime; None if there is none or it is invalid."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= SMALLEST_TIMESTAMP:
        return None
    try:
        return datetime.fromtimestamp(int(value // 1000 if value > MILLISECONDS_ABOVE else value), UTC)
    except (ValueError, OverflowError, OSError):
        return None
