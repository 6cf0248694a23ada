"""Runs of consecutive days with any play."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

from spark_scripts.transformations.listening_streak import listening_streak


def test_day_without_a_play_ends_the_streak_and_one_day_is_a_streak(
    plays: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    played = plays("bob", {"2025-12-31": 1, "2026-01-01": 2, "2026-01-03": 1})
    assert rows(listening_streak(played)) == [
        ("bob", "2025-12-31", "2026-01-01", 2, 3),
        ("bob", "2026-01-03", "2026-01-03", 1, 1),
    ]


def test_streak_spans_artists_and_is_separate_per_listener(
    plays: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    played = plays("bob", {"2028-02-28": 1, "2028-03-01": 1}).unionByName(
        plays("bob", {"2028-02-29": 1}, artist_id=None).unionByName(plays("ana", {"2028-03-02": 1}))
    )
    assert rows(listening_streak(played)) == [
        ("ana", "2028-03-02", "2028-03-02", 1, 1),
        ("bob", "2028-02-28", "2028-03-01", 3, 3),
    ]


def test_day_that_apia_skipped_ends_the_streak(plays: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert len(rows(listening_streak(plays("bob", {"2011-12-29": 1, "2011-12-31": 1})))) == 2


def test_no_plays_make_no_streaks(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(listening_streak(frame("fct_play"))) == []
