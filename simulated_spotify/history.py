"""A listener's history up to the simulated now: what the Web API shows of it and where the export stops."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from simulated_spotify.day import plays_of_day
from simulated_spotify.listeners import LISTENERS
from simulated_spotify.plays import Play

YEARS = 2  # of history before the clock
SHOWN = 50  # plays that recently-played shows in all, whatever the cursor
IN_BOTH = 25  # of them, the older ones that the export holds as well


@dataclass(frozen=True)
class Setting:
    """What a simulated world follows from."""

    seed: str
    now: datetime

    @property
    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    @property
    def begins_on(self) -> date:
        """The first day of history, two years before the clock's date."""
        today = self.now.astimezone(UTC).date()
        day = min(today.day, 28) if today.month == 2 else today.day
        return date(today.year - YEARS, today.month, day)


def history(setting: Setting, listener_id: str) -> Iterator[Play]:
    """All plays that have ended and reached Spotify, oldest first."""
    day = setting.begins_on
    while day <= _last_day(setting, listener_id):
        yield from _known(setting, listener_id, day)
        day += timedelta(days=1)


def recently_played(setting: Setting, listener_id: str) -> list[Play]:
    """The last plays that the Web API shows, newest first, found by going back day by day."""
    shown: list[Play] = []
    day = _last_day(setting, listener_id)
    while len(shown) < SHOWN and day >= setting.begins_on:
        shown += [play for play in reversed(_known(setting, listener_id, day)) if play.is_listed]
        day -= timedelta(days=1)
    return shown[:SHOWN]


def exported(setting: Setting, listener_id: str) -> Iterator[Play]:
    """The plays of the export: it was asked for a while ago, so the newest plays are not in it."""
    shown = recently_played(setting, listener_id)
    newer = shown[: len(shown) - IN_BOTH]
    until = newer[-1].started_at if newer else setting.now_ms
    for play in history(setting, listener_id):
        if play.ended_at <= until:
            yield play


def _last_day(setting: Setting, listener_id: str) -> date:
    return setting.now.astimezone(LISTENERS[listener_id].zone).date()


def _known(setting: Setting, listener_id: str, day: date) -> list[Play]:
    plays = plays_of_day(setting.seed, listener_id, day)
    return [play for play in plays if max(play.ended_at, play.received_at) <= setting.now_ms]
