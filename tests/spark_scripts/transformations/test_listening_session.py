"""Sessions: the gap that ends one, overlapping plays, and the plays that belong to one."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.listening_session import listening_session

SPAN = ("started_at", "ended_at", "play_count")


@pytest.fixture
def sessions(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Return the named columns of bob's sessions."""

    def build(*plays: dict[str, Any], columns: Sequence[str] = SPAN, counts_private: bool = False) -> list[Any]:
        listeners = frame("dim_listener", {"counts_private": counts_private})
        return rows(listening_session(frame("fct_play", *plays), listeners), *columns)

    return build


def test_session_ends_after_a_break_of_more_than_30_minutes(sessions: Callable[..., list[Any]]) -> None:
    assert sessions(
        {"ended_at": "2026-01-01 10:00:00"},
        {"ended_at": "2026-01-01 10:31:00"},  # lasts one minute, after a break of 30 minutes
        {"ended_at": "2026-01-01 11:02:00.001"},
    ) == [("2026-01-01 09:59:00", "2026-01-01 10:31:00", 2), ("2026-01-01 11:01:00.001", "2026-01-01 11:02:00.001", 1)]


def test_break_starts_at_the_latest_end_in_the_session(sessions: Callable[..., list[Any]]) -> None:
    assert sessions(
        {"started_at": "2026-01-01 10:00:00", "ended_at": "2026-01-01 12:00:00", "listened_ms": 7_200_000},
        {"ended_at": "2026-01-01 10:05:00"},
        {"ended_at": "2026-01-01 12:30:00"},
    ) == [("2026-01-01 10:00:00", "2026-01-01 12:30:00", 3)]


def test_session_measures_include_uncounted_plays(sessions: Callable[..., list[Any]]) -> None:
    found = sessions(
        {"ended_at": "2026-01-01 10:00:00", "track_id": "t1", "artist_id": "r1", "skipped": False},
        {"ended_at": "2026-01-01 10:00:00", "track_id": "t1", "artist_id": "r1", "skipped": None},
        {
            "ended_at": "2026-01-01 10:01:00",
            "track_id": "t2",
            "artist_id": None,
            "ms_played": 1_000,
            "is_counted": False,
            "skipped": True,
        },
        {"ended_at": "2026-01-01 10:02:00", "track_id": "t3", "artist_id": "r2", "ms_played": None},
        columns=("play_count", "counted_count", "listened_ms", "track_count", "artist_count", "skip_count"),
    )
    assert found == [(4, 3, 121_000, 3, 2, 1)]


def test_session_can_have_no_counted_play(sessions: Callable[..., list[Any]]) -> None:
    assert sessions(
        {"is_counted": False, "ms_played": 0, "ended_at": "2026-01-01 10:00:00"},
        columns=("play_count", "counted_count"),
    ) == [(1, 0)]


def test_private_plays_are_included_only_if_the_listener_counts_them(sessions: Callable[..., list[Any]]) -> None:
    plays = [{"ended_at": "2026-01-01 10:00:00"}, {"ended_at": "2026-01-01 10:05:00", "is_private": True}]
    assert sessions(*plays, columns=("play_count",)) == [(1,)]
    assert sessions(*plays, columns=("play_count",), counts_private=True) == [(2,)]


def test_episodes_make_no_session(sessions: Callable[..., list[Any]]) -> None:
    assert sessions({"kind": "episode", "is_counted": False}) == []


def test_session_continues_past_midnight_and_new_year(sessions: Callable[..., list[Any]]) -> None:
    assert sessions(
        {"ended_at": "2025-12-31 23:59:00"},
        {"ended_at": "2026-01-01 00:01:00"},
        {"ended_at": "2026-01-01 00:31:00"},
    ) == [("2025-12-31 23:58:00", "2026-01-01 00:31:00", 3)]
