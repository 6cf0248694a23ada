"""Plays and time listened in each local month."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

from spark_scripts.transformations.metric_name import metric_name


def test_month_counts_plays_and_adds_their_lengths(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    plays = frame(
        "fct_play",
        {"played_on": "2026-01-01", "ms_played": 40_000},
        {"played_on": "2026-01-31", "ms_played": None},  # An unknown length adds 0.
        {"played_on": "2026-02-01", "ms_played": 50_000},
    )
    assert rows(metric_name(plays)) == [
        ("bob", "2026-01-01", 2, 40_000),
        ("bob", "2026-02-01", 1, 50_000),
    ]


def test_each_listener_has_separate_months(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    plays = frame("fct_play", {"listener_id": "ana"}, {"listener_id": "bob"})
    months = rows(metric_name(plays), "listener_id", "play_count")
    assert months == [("ana", 1), ("bob", 1)]


def test_no_plays_make_no_months(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(metric_name(frame("fct_play"))) == []
