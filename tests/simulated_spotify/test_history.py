"""The plays depend only on seed and time, the clock only limits them, and they are realistic."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulated_spotify.listening.history import Setting, exported, history, recently_played
from simulated_spotify.listening.listeners import LISTENERS
from simulated_spotify.listening.plays import Play
from simulated_spotify.music.catalog import catalog_of
from simulated_spotify.truth import truth_of

EVERYONE = sorted(LISTENERS)
each_listener = pytest.mark.parametrize("listener", EVERYONE)


@pytest.fixture(scope="module")
def plays_by_listener(setting: Setting) -> dict[str, list[Play]]:
    return {listener: list(history(setting, listener)) for listener in EVERYONE}


def local(listener: str, play: Play) -> datetime:
    return datetime.fromtimestamp(play.ended_at / 1000, LISTENERS[listener].zone)


def test_seed_and_clock_determine_plays(setting: Setting, plays_by_listener: dict[str, list[Play]]) -> None:
    assert list(history(setting, "ben")) == plays_by_listener["ben"]
    lines = "\n".join(
        f"{play.started_at} {play.ended_at} {play.track_id or play.episode_id}" for play in plays_by_listener["ben"]
    )
    assert hashlib.sha256(lines.encode()).hexdigest()[:16] == "fd5f3991390afd2f"
    assert list(history(Setting("another", setting.now), "ben")) != plays_by_listener["ben"]


@each_listener
def test_later_clock_does_not_change_earlier_plays(
    setting: Setting, plays_by_listener: dict[str, list[Play]], listener: str
) -> None:
    later = Setting(setting.seed, setting.now + timedelta(days=40, hours=7))
    begins = datetime.combine(later.begins_on + timedelta(days=1), datetime.min.time(), UTC).timestamp() * 1000
    both = [
        play for play in history(later, listener) if begins <= play.started_at and play.received_at <= setting.now_ms
    ]
    assert both == [play for play in plays_by_listener[listener] if begins <= play.started_at]


@each_listener
def test_plays_do_not_overlap_and_end_before_clock(
    setting: Setting, plays_by_listener: dict[str, list[Play]], listener: str
) -> None:
    plays = plays_by_listener[listener]
    assert all(earlier.ended_at < later.started_at for earlier, later in pairwise(plays))
    assert all(play.started_at + play.ms_played <= play.ended_at <= play.received_at for play in plays)
    assert plays[-1].received_at <= setting.now_ms


@each_listener
def test_history_has_about_20000_plays_in_two_years(plays_by_listener: dict[str, list[Play]], listener: str) -> None:
    days = {local(listener, play).date() for play in plays_by_listener[listener]}
    assert 17_000 <= len(plays_by_listener[listener]) <= 23_000
    assert 25 <= len(plays_by_listener[listener]) / len(days) <= 40
    assert max(days) - min(days) > timedelta(days=725)


@each_listener
def test_few_plays_occur_at_night_in_local_time(plays_by_listener: dict[str, list[Play]], listener: str) -> None:
    hours = Counter(local(listener, play).hour for play in plays_by_listener[listener])
    night_plays = sum(hours[hour] for hour in (2, 3, 4, 5))
    assert night_plays < len(plays_by_listener[listener]) / 100
    assert max(hours.values()) > len(plays_by_listener[listener]) / 10


@each_listener
def test_every_year_has_holiday_without_plays(plays_by_listener: dict[str, list[Play]], listener: str) -> None:
    plays = plays_by_listener[listener]
    breaks = [(later.started_at - earlier.ended_at) / 86_400_000 for earlier, later in pairwise(plays)]
    assert sum(days > 8 for days in breaks) >= 2


@each_listener
def test_history_contains_every_special_case(plays_by_listener: dict[str, list[Play]], listener: str) -> None:
    plays = plays_by_listener[listener]

    def share(kind: set[Play]) -> float:
        return len(kind) / len(plays)

    assert 0.005 < share({play for play in plays if play.is_private}) < 0.05
    assert 0.003 < share({play for play in plays if play.offline}) < 0.08
    assert 0.05 < share({play for play in plays if play.ms_played < 30_000}) < 0.25
    assert 0.1 < share({play for play in plays if play.shuffle}) < 0.7
    assert 10 < sum(play.copies > 1 for play in plays) < 100
    assert {play.is_listed for play in plays if play.episode_id} <= {False}


def test_one_listener_plays_podcasts_and_another_uploads_late(plays_by_listener: dict[str, list[Play]]) -> None:
    assert sum(play.episode_id is not None for play in plays_by_listener["ana"]) > 100
    late = [play for play in plays_by_listener["ben"] if play.received_at > play.ended_at]
    assert late
    assert all(play.offline for play in late)


@each_listener
def test_history_contains_streaks_and_completed_albums(setting: Setting, listener: str) -> None:
    figures = truth_of(setting, listener)
    assert 20 <= figures["completed_album_count"] <= 80
    assert figures["longest_artist_streak_days"] >= 10
    assert figures["longest_streak_days"] >= 20


@each_listener
def test_recent_history_contains_discovered_artists(
    plays_by_listener: dict[str, list[Play]], setting: Setting, listener: str
) -> None:
    first: dict[str, datetime] = {}
    for play in plays_by_listener[listener]:
        if play.track_id:
            first.setdefault(catalog_of(setting.seed).tracks[play.track_id].artist_ids[0], local(listener, play))
    assert sum(met > setting.now - timedelta(days=300) for met in first.values()) >= 5


@each_listener
def test_export_contains_older_half_of_recently_played(setting: Setting, listener: str) -> None:
    shown, written = recently_played(setting, listener), set(exported(setting, listener))
    assert len(shown) == 50
    assert [play in written for play in shown] == [False] * 25 + [True] * 25
    assert shown == sorted(shown, key=lambda play: -play.ended_at)


def test_recently_played_equals_last_listed_plays(setting: Setting, plays_by_listener: dict[str, list[Play]]) -> None:
    listed = [play for play in plays_by_listener["chie"] if play.is_listed]
    assert recently_played(setting, "chie") == listed[::-1][:50]


def test_history_starts_on_february_28_for_leap_day_clock() -> None:
    assert str(Setting("simulated", datetime(2028, 2, 29, 12, tzinfo=UTC)).begins_on) == "2026-02-28"
