"""Popularity brackets and their shares."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame

from spark_scripts.transformations.popularity_distribution import popularity_distribution

COLUMNS = ("month", "popularity_bracket", "play_count", "share")


def test_brackets_are_tenths_and_the_last_includes_100(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    known = {"zero": 0, "nine": 9, "ten": 10, "eighty-nine": 89, "ninety": 90, "hundred": 100, "unknown": None}
    tracks = frame("dim_track", *[{"track_id": name, "popularity": value} for name, value in known.items()])
    plays = frame("fct_play", *[{"track_id": name} for name in known])
    assert rows(popularity_distribution(plays, tracks), "popularity_bracket", "play_count") == [
        (-1, 1), (0, 2), (1, 1), (8, 1), (9, 2),
    ]  # fmt: skip


def test_shares_are_relative_to_the_month(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    tracks = frame("dim_track", {"track_id": "t1", "popularity": 55}, {"track_id": "t2"})
    plays = frame(
        "fct_play",
        {"played_on": "2025-12-31", "track_id": "t1"},
        {"played_on": "2026-01-01", "track_id": "t1"},
        {"played_on": "2026-01-31", "track_id": "t1"},
        {"played_on": "2026-01-31", "track_id": "t2"},
    )
    assert rows(popularity_distribution(plays, tracks), *COLUMNS) == [
        ("2025-12-01", 5, 1, Decimal("1.00000000")),
        ("2026-01-01", -1, 1, Decimal("0.33333333")),
        ("2026-01-01", 5, 2, Decimal("0.66666667")),
    ]


def test_no_plays_make_no_brackets(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(popularity_distribution(frame("fct_play"), frame("dim_track", {"track_id": "t1"}))) == []
