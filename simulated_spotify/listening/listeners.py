"""The three simulated listeners and their listening habits."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from simulated_spotify.music.dice import Dice


@dataclass(frozen=True)
class Slot:
    """A part of the day in which a session may start."""

    hour: float  # local hour at which the session usually starts
    spread: float  # hours by which the start may vary
    chance: float
    fewest: int  # plays
    most: int
    platform: str
    styles: tuple[tuple[str, float], ...]  # kinds of session, with weights
    may_be_offline: bool = False


MIXED = (("mix", 5.0), ("artist", 1.5), ("album", 1.5), ("discover", 0.8))
FOCUSED = (("album", 5.0), ("artist", 1.0), ("mix", 1.0))
ON_THE_WAY = (("mix", 6.0), ("podcast", 1.0), ("artist", 1.0))


@dataclass(frozen=True)
class Listener:
    """A simulated listener: profile and habits."""

    id: str
    account_id: str
    display_name: str
    time_zone: str
    country: str
    ip_address: str  # from the ranges reserved for documentation
    weekday: tuple[Slot, ...]
    weekend: tuple[Slot, ...]
    quiet_weekday: float  # the probability of a day without plays
    quiet_weekend: float
    shuffles: float  # the probability that a mix is shuffled
    skips: float  # the probability that a play in a mix is skipped
    uploads_late: bool  # Spotify receives offline plays only when the device is online again
    holiday_month: int

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def slots(self, day: date) -> tuple[Slot, ...]:
        return self.weekend if day.weekday() >= 5 else self.weekday

    def quiet(self, day: date) -> float:
        return self.quiet_weekend if day.weekday() >= 5 else self.quiet_weekday

    def is_away(self, seed: str, day: date) -> bool:
        """Return whether the listener is on holiday and plays nothing: 9 to 16 days once a year."""
        dice = Dice(seed, "holiday", self.id, day.year)
        leaves = date(day.year, self.holiday_month, dice.between(2, 14))
        return leaves <= day < leaves + timedelta(days=dice.between(9, 16))


ANA = Listener(
    id="ana",
    account_id="SimAna4k2pQ",
    display_name="Ana",
    time_zone="Europe/Madrid",
    country="ES",
    ip_address="192.0.2.31",
    weekday=(
        Slot(8.0, 0.6, 0.85, 6, 12, "ios", ON_THE_WAY, may_be_offline=True),
        Slot(10.5, 1.0, 0.6, 8, 21, "osx", FOCUSED),
        Slot(18.6, 0.8, 0.8, 6, 13, "ios", ON_THE_WAY, may_be_offline=True),
        Slot(21.7, 1.2, 0.75, 8, 20, "osx", MIXED),
    ),
    weekend=(
        Slot(11.2, 1.5, 0.8, 10, 24, "osx", FOCUSED),
        Slot(17.0, 2.0, 0.6, 9, 22, "ios", MIXED),
        Slot(22.6, 1.4, 0.65, 11, 26, "not_applicable", MIXED),
    ),
    quiet_weekday=0.04,
    quiet_weekend=0.1,
    shuffles=0.55,
    skips=0.18,
    uploads_late=False,
    holiday_month=8,
)
BEN = Listener(
    id="ben",
    account_id="SimBen9x7dR",
    display_name="Ben",
    time_zone="America/New_York",
    country="US",
    ip_address="198.51.100.77",
    weekday=(
        Slot(6.8, 0.4, 0.7, 6, 12, "android", MIXED),
        Slot(9.6, 0.9, 0.75, 11, 26, "windows", FOCUSED),
        Slot(14.3, 1.2, 0.6, 9, 22, "web_player", MIXED),
        Slot(20.5, 1.4, 0.4, 6, 18, "android", MIXED, may_be_offline=True),
    ),
    weekend=(
        Slot(9.5, 1.5, 0.6, 7, 20, "android", MIXED),
        Slot(15.5, 2.4, 0.6, 9, 24, "windows", MIXED),
        Slot(21.5, 1.5, 0.75, 13, 30, "android_tv", MIXED),
    ),
    quiet_weekday=0.05,
    quiet_weekend=0.14,
    shuffles=0.85,
    skips=0.3,
    uploads_late=True,
    holiday_month=2,
)
CHIE = Listener(
    id="chie",
    account_id="SimChie3m8T",
    display_name="Chie",
    time_zone="Asia/Tokyo",
    country="JP",
    ip_address="203.0.113.142",
    weekday=(
        Slot(7.4, 0.4, 0.92, 9, 18, "ios", ON_THE_WAY, may_be_offline=True),
        Slot(12.4, 0.4, 0.5, 4, 10, "ios", MIXED),
        Slot(19.2, 0.8, 0.9, 9, 18, "ios", ON_THE_WAY, may_be_offline=True),
        Slot(23.0, 1.0, 0.65, 7, 20, "windows", FOCUSED),
    ),
    weekend=(
        Slot(10.0, 1.8, 0.75, 11, 26, "windows", FOCUSED),
        Slot(14.5, 1.8, 0.65, 9, 22, "ios", MIXED),
        Slot(20.5, 1.5, 0.7, 9, 22, "windows", FOCUSED),
    ),
    quiet_weekday=0.02,
    quiet_weekend=0.06,
    shuffles=0.25,
    skips=0.1,
    uploads_late=False,
    holiday_month=5,
)
LISTENERS = {listener.id: listener for listener in (ANA, BEN, CHIE)}
