"""Listening is a function of seed and instant; the clock only cuts it; and it is plausible."""

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulated_spotify.catalog import catalog_of
from simulated_spotify.history import Setting, exported, history, recently_played
from simulated_spotify.listeners import LISTENERS
from simulated_spotify.plays import Play
from simulated_spotify.truth import truth_of

EVERYONE = sorted(LISTENERS)
each_listener = pytest.mark.parametrize("listener", EVERYONE)


@pytest.fixture(scope="module")
def everything(setting: Setting) -> dict[str, list[Play]]:
    return {listener: list(history(setting, listener)) for listener in EVERYONE}


def local(listener: str, play: Play) -> datetime:
    return datetime.fromtimestamp(play.ended_at / 1000, LISTENERS[listener].zone)


def test_the_same_seed_and_clock_give_the_same_plays(setting: Setting, everything: dict[str, list[Play]]) -> None:
    assert list(history(setting, "ben")) == everything["ben"]
    listed = "\n".join(
        f"{play.started_at} {play.ended_at} {play.track_id or play.episode_id}" for play in everything["ben"]
    )
    assert hashlib.sha256(listed.encode()).hexdigest()[:16] == "fd5f3991390afd2f"
    assert list(history(Setting("another", setting.now), "ben")) != everything["ben"]


@each_listener
def test_moving_the_clock_changes_no_play_before_it(
    setting: Setting, everything: dict[str, list[Play]], listener: str
) -> None:
    later = Setting(setting.seed, setting.now + timedelta(days=40, hours=7))
    begins = datetime.combine(later.begins_on + timedelta(days=1), datetime.min.time(), UTC).timestamp() * 1000
    both = [
        play for play in history(later, listener) if begins <= play.started_at and play.received_at <= setting.now_ms
    ]
    assert both == [play for play in everything[listener] if begins <= play.started_at]


@each_listener
def test_plays_follow_each_other_and_end_before_now(
    setting: Setting, everything: dict[str, list[Play]], listener: str
) -> None:
    plays = everything[listener]
    assert all(earlier.ended_at < later.started_at for earlier, later in pairwise(plays))
    assert all(play.started_at + play.ms_played <= play.ended_at <= play.received_at for play in plays)
    assert plays[-1].received_at <= setting.now_ms


@each_listener
def test_two_years_hold_about_twenty_thousand_plays(everything: dict[str, list[Play]], listener: str) -> None:
    days = {local(listener, play).date() for play in everything[listener]}
    assert 17_000 <= len(everything[listener]) <= 23_000
    assert 25 <= len(everything[listener]) / len(days) <= 40
    assert max(days) - min(days) > timedelta(days=725)


@each_listener
def test_each_listener_sleeps_at_night_by_their_own_clock(everything: dict[str, list[Play]], listener: str) -> None:
    hours = Counter(local(listener, play).hour for play in everything[listener])
    asleep = sum(hours[hour] for hour in (2, 3, 4, 5))
    assert asleep < len(everything[listener]) / 100
    assert max(hours.values()) > len(everything[listener]) / 10


@each_listener
def test_every_year_has_a_holiday_without_music(everything: dict[str, list[Play]], listener: str) -> None:
    plays = everything[listener]
    pauses = [(later.started_at - earlier.ended_at) / 86_400_000 for earlier, later in pairwise(plays)]
    assert sum(pause > 8 for pause in pauses) >= 2


@each_listener
def test_the_exceptions_are_all_there(everything: dict[str, list[Play]], listener: str) -> None:
    plays = everything[listener]

    def share(kind: set[Play]) -> float:
        return len(kind) / len(plays)

    assert 0.005 < share({play for play in plays if play.is_private}) < 0.05
    assert 0.003 < share({play for play in plays if play.offline}) < 0.08
    assert 0.05 < share({play for play in plays if play.ms_played < 30_000}) < 0.25
    assert 0.1 < share({play for play in plays if play.shuffle}) < 0.7
    assert 10 < sum(play.copies > 1 for play in plays) < 100
    assert {play.is_listed for play in plays if play.episode_id} <= {False}


def test_somebody_hears_podcasts_and_somebody_uploads_late(everything: dict[str, list[Play]]) -> None:
    assert sum(play.episode_id is not None for play in everything["ana"]) > 100
    late = [play for play in everything["ben"] if play.received_at > play.ended_at]
    assert late
    assert all(play.offline for play in late)


@each_listener
def test_there_are_streaks_and_whole_albums_to_find(setting: Setting, listener: str) -> None:
    figures = truth_of(setting, listener)
    assert 20 <= figures["completed_album_count"] <= 80
    assert figures["longest_artist_streak_days"] >= 10
    assert figures["longest_streak_days"] >= 20


@each_listener
def test_artists_are_discovered_to_the_end(everything: dict[str, list[Play]], setting: Setting, listener: str) -> None:
    first: dict[str, datetime] = {}
    for play in everything[listener]:
        if play.track_id:
            first.setdefault(catalog_of(setting.seed).tracks[play.track_id].artist_ids[0], local(listener, play))
    assert sum(met > setting.now - timedelta(days=300) for met in first.values()) >= 5


@each_listener
def test_the_export_holds_the_older_half_of_what_the_api_shows(setting: Setting, listener: str) -> None:
    shown, written = recently_played(setting, listener), set(exported(setting, listener))
    assert len(shown) == 50
    assert [play in written for play in shown] == [False] * 25 + [True] * 25
    assert shown == sorted(shown, key=lambda play: -play.ended_at)


def test_going_back_from_the_clock_finds_what_going_forward_finds(
    setting: Setting, everything: dict[str, list[Play]]
) -> None:
    listed = [play for play in everything["chie"] if play.is_listed]
    assert recently_played(setting, "chie") == listed[::-1][:50]


def test_a_clock_on_the_29th_of_february_has_a_history() -> None:
    assert str(Setting("simulated", datetime(2028, 2, 29, 12, tzinfo=UTC)).begins_on) == "2026-02-28"
