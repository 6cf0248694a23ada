"""A listener's whole history in one row."""

from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.album_completion import album_completion
from spark_scripts.transformations.daily_listening import daily_listening
from spark_scripts.transformations.discovery import discovery
from spark_scripts.transformations.listener_summary import listener_summary
from spark_scripts.transformations.listening_streak import listening_streak


@pytest.fixture
def summary(frame: Callable[..., DataFrame]) -> Callable[..., DataFrame]:
    """Return the summary of `plays` and `sessions`; other marts are computed from the plays."""

    def build(plays: DataFrame, *sessions: dict[str, Any]) -> DataFrame:
        days = daily_listening(plays)
        albums = album_completion(plays, frame("dim_album", {"album_id": "a1"}))
        found = frame("listening_session", *[{"listener_id": "bob"} | session for session in sessions])
        return listener_summary(plays, days, listening_streak(plays), found, albums, discovery(plays, days))

    return build


def test_summary_totals_the_whole_history(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]], summary: Callable[..., DataFrame]
) -> None:
    known = {"track_id": "t1", "artist_id": "r1", "album_id": "a1", "ms_played": 40_000}
    plays = frame(
        "fct_play",
        {"ended_at": "2026-01-01 10:00:00"} | known,
        {"ended_at": "2026-01-02 10:00:00", "track_id": "t2", "artist_id": None, "album_id": None, "ms_played": None},
        {"ended_at": "2026-01-04 10:00:00.5"} | known,
    )
    found = summary(
        plays,
        {"started_at": "2026-01-01 09:00:00", "ended_at": "2026-01-01 10:00:00"},
        {"started_at": "2026-01-02 09:00:00", "ended_at": "2026-01-02 10:00:00.001"},
    )
    assert rows(found, "listener_id", "first_played_at", "last_played_at", "play_count", "listened_ms") == [
        ("bob", "2026-01-01 10:00:00", "2026-01-04 10:00:00.5", 3, 80_000)
    ]
    assert rows(found, "track_count", "artist_count", "album_count", "day_count", "longest_streak_days") == [
        (2, 1, 1, 3, 2)
    ]
    assert rows(found, "longest_session_ms", "busiest_day") == [(3_600_001, "2026-01-01")]


def test_single_play_without_artist_and_album_makes_a_row(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]], summary: Callable[..., DataFrame]
) -> None:
    plays = frame("fct_play", {"artist_id": None, "album_id": None})
    found = summary(plays, {"started_at": "2026-03-28 11:59:00", "ended_at": "2026-03-28 12:00:00"})
    assert rows(found, "play_count", "track_count", "artist_count", "album_count") == [(1, 1, 0, 0)]


def test_listener_without_a_counted_play_has_no_row(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]], summary: Callable[..., DataFrame]
) -> None:
    found = summary(frame("fct_play"), {"started_at": "2026-01-01 09:00:00", "ended_at": "2026-01-01 10:00:00"})
    assert rows(found) == []
