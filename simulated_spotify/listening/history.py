"""A listener's plays up to the simulated time, and which of them the Web API and the export contain."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from simulated_spotify.listening.day import plays_of_day
from simulated_spotify.listening.listeners import LISTENERS
from simulated_spotify.listening.plays import Play

YEARS = 2  # of history before the clock
SHOWN = 50  # plays that recently-played can return in total, whatever the cursor
IN_BOTH = 25  # the older ones of these plays, which are also in the export


@dataclass(frozen=True)
class Setting:
    """The seed and the time that determine all simulated data."""

    seed: str
    now: datetime

    @property
    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    @property
    def begins_on(self) -> date:
        """Return the first day of the history, two years before the date of the clock."""
        today = self.now.astimezone(UTC).date()
        day = min(today.day, 28) if today.month == 2 else today.day
        return date(today.year - YEARS, today.month, day)


def history(setting: Setting, listener_id: str) -> Iterator[Play]:
    """Yield all plays that have ended and that Spotify has received, oldest first."""
    day = setting.begins_on
    while day <= _last_day(setting, listener_id):
        yield from _received(setting, listener_id, day)
        day += timedelta(days=1)


def recently_played(setting: Setting, listener_id: str) -> list[Play]:
    """Return the plays that the Web API can return, newest first. Read the days backwards until there are enough."""
    shown: list[Play] = []
    day = _last_day(setting, listener_id)
    while len(shown) < SHOWN and day >= setting.begins_on:
        shown += [play for play in reversed(_received(setting, listener_id, day)) if play.is_listed]
        day -= timedelta(days=1)
    return shown[:SHOWN]


def exported(setting: Setting, listener_id: str) -> Iterator[Play]:
    """Yield the plays of the export. It was requested some time ago, so it lacks the newest plays."""
    shown = recently_played(setting, listener_id)
    newer = shown[: len(shown) - IN_BOTH]
    until = newer[-1].started_at if newer else setting.now_ms
    for play in history(setting, listener_id):
        if play.ended_at <= until:
            yield play


def _last_day(setting: Setting, listener_id: str) -> date:
    return setting.now.astimezone(LISTENERS[listener_id].zone).date()


def _received(setting: Setting, listener_id: str, day: date) -> list[Play]:
    """Return the plays of a day that Spotify has received by the simulated time."""
    plays = plays_of_day(setting.seed, listener_id, day)
    return [play for play in plays if max(play.ended_at, play.received_at) <= setting.now_ms]
