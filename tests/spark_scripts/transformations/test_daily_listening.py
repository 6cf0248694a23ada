"""Counts and sums of one local day."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

from spark_scripts.transformations.daily_listening import daily_listening


def test_day_sums_lengths_and_counts_unknown_ones_as_zero(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    plays = frame(
        "fct_play",
        {"played_on": "2026-01-01", "track_id": "t1", "artist_id": "r1", "ms_played": 40_000},
        {"played_on": "2026-01-01", "track_id": "t2", "artist_id": "r1", "ms_played": None},
        {"played_on": "2026-01-01", "track_id": "t2", "artist_id": None, "ms_played": 50_000},
        {"played_on": "2026-01-02", "track_id": "t3", "artist_id": None, "ms_played": None},
    )
    assert rows(daily_listening(plays)) == [("bob", "2026-01-01", 3, 90_000, 2, 1), ("bob", "2026-01-02", 1, 0, 1, 0)]


def test_no_plays_make_no_days(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(daily_listening(frame("fct_play"))) == []
