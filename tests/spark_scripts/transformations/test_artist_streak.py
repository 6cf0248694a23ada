"""Runs of consecutive days with one artist."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

from spark_scripts.transformations.artist_streak import artist_streak

COLUMNS = ("listener_id", "started_on", "ended_on", "day_count", "play_count")


def test_day_without_a_play_ends_the_streak(plays: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    played = plays("bob", {"2026-03-28": 1, "2026-03-29": 2, "2026-03-31": 1, "2026-04-01": 1})
    assert rows(artist_streak(played), *COLUMNS) == [
        ("bob", "2026-03-28", "2026-03-29", 2, 3),
        ("bob", "2026-03-31", "2026-04-01", 2, 2),
    ]


def test_single_day_is_not_a_streak(plays: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(artist_streak(plays("bob", {"2026-03-28": 5}))) == []


def test_streaks_are_separate_per_listener_and_artist_and_span_a_leap_day(
    plays: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    played = plays("bob", {"2028-02-28": 1, "2028-02-29": 1, "2028-03-01": 1}).unionByName(
        plays("ana", {"2028-02-29": 1, "2028-03-01": 1}, artist_id="r2")
    )
    assert rows(artist_streak(played), "artist_id", *COLUMNS) == [
        ("r1", "bob", "2028-02-28", "2028-03-01", 3, 3),
        ("r2", "ana", "2028-02-29", "2028-03-01", 2, 2),
    ]


def test_play_without_artist_makes_no_streak(plays: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(artist_streak(plays("bob", {"2026-03-28": 1, "2026-03-29": 1}, artist_id=None))) == []
