"""Plays by local month, weekday and hour."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

from spark_scripts.transformations.fct_play import fct_play
from spark_scripts.transformations.listening_clock import listening_clock


def test_plays_in_the_same_month_weekday_and_hour_are_one_row(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    plays = frame(
        "fct_play",
        {"ended_at": "2026-03-02 08:00:00", "ms_played": 40_000},
        {"ended_at": "2026-03-09 08:59:59.999", "ms_played": None},  # the Monday after
        {"ended_at": "2026-03-09 09:00:00", "ms_played": 50_000},
        {"ended_at": "2026-04-06 08:00:00", "ms_played": 30_000},
    )
    assert rows(listening_clock(plays)) == [
        ("bob", "2026-03-01", 1, 8, 2, 40_000),
        ("bob", "2026-03-01", 1, 9, 1, 50_000),
        ("bob", "2026-04-01", 1, 8, 1, 30_000),
    ]


def test_month_and_hour_are_local_and_a_repeated_hour_is_one_row(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    ends = {
        "madrid": ["2026-10-25 00:30:00", "2026-10-25 01:30:00"],  # 02:30 twice
        "kolkata": ["2025-12-31 18:30:00"],  # New Year, half an hour off
        "apia": ["2011-12-30 09:59:59", "2011-12-30 10:00:00"],  # Apia skipped Friday
    }
    raw = [{"listener_id": name, "ended_at": end} for name, times in ends.items() for end in times]
    zones = {"madrid": "Europe/Madrid", "kolkata": "Asia/Kolkata", "apia": "Pacific/Apia"}
    listeners = [{"listener_id": name, "time_zone": zone} for name, zone in zones.items()]
    plays = fct_play(
        frame("raw_play", *raw), frame("dim_listener", *listeners), frame("id_map"), frame("catalog_track")
    )
    assert rows(listening_clock(plays), "listener_id", "month", "iso_weekday", "hour", "play_count") == [
        ("apia", "2011-12-01", 4, 23, 1),
        ("apia", "2011-12-01", 6, 0, 1),
        ("kolkata", "2026-01-01", 4, 0, 1),
        ("madrid", "2026-10-01", 7, 2, 2),
    ]


def test_no_plays_make_no_hours(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(listening_clock(frame("fct_play"))) == []
