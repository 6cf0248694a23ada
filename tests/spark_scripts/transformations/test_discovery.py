"""New tracks and artists, and the month in which they are new."""

from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.daily_listening import daily_listening
from spark_scripts.transformations.discovery import discovery
from spark_scripts.transformations.fct_play import fct_play

COLUMNS = ("month", "new_track_count", "new_artist_count", "play_count", "plays_of_new_tracks")


@pytest.fixture
def discovered(rows: Callable[..., list[Any]]) -> Callable[[DataFrame], list[Any]]:
    def build(plays: DataFrame) -> list[Any]:
        return rows(discovery(plays, daily_listening(plays)), *COLUMNS)

    return build


def test_item_is_new_only_in_the_month_of_its_first_play(
    discovered: Callable[[DataFrame], list[Any]], frame: Callable[..., DataFrame]
) -> None:
    played = [
        ("2025-12-31", "t1", "r1"),
        ("2026-01-01", "t1", "r1"),
        ("2026-01-02", "t2", "r1"),
        ("2026-01-31", "t2", "r2"),
        ("2026-02-01", "t2", "r2"),
    ]
    plays = frame("fct_play", *[{"ended_at": f"{day} 12:00:00", "track_id": t, "artist_id": r} for day, t, r in played])
    assert discovered(plays) == [
        ("2025-12-01", 1, 1, 1, 1),
        ("2026-01-01", 1, 1, 3, 2),
        ("2026-02-01", 0, 0, 1, 0),  # a row without anything new
    ]


def test_play_without_artist_adds_no_new_artist(
    discovered: Callable[[DataFrame], list[Any]], frame: Callable[..., DataFrame]
) -> None:
    assert discovered(frame("fct_play", {"artist_id": None})) == [("2026-03-01", 1, 0, 1, 1)]


def test_item_is_new_to_each_listener_separately(
    discovered: Callable[[DataFrame], list[Any]], frame: Callable[..., DataFrame]
) -> None:
    plays = frame("fct_play", {"listener_id": "ana"}, {"listener_id": "bob", "ended_at": "2026-04-01 12:00:00"})
    assert discovered(plays) == [("2026-03-01", 1, 1, 1, 1), ("2026-04-01", 1, 1, 1, 1)]


def test_earliest_play_decides_when_clocks_go_back_into_the_previous_month(
    discovered: Callable[[DataFrame], list[Any]], frame: Callable[..., DataFrame]
) -> None:
    """In St John's, clocks went back from 2009-11-01 00:01 to 2009-10-31 23:01."""
    ends = ["2009-11-01 02:30:30", "2009-11-01 03:00:00"]  # 00:00:30 on 1 November, then 23:30 on 31 October
    plays = fct_play(
        frame("raw_play", *[{"ended_at": end} for end in ends]),
        frame("dim_listener", {"time_zone": "America/St_Johns"}),
        frame("id_map"),
        frame("catalog_track"),
    )
    assert discovered(plays) == [("2009-10-01", 0, 0, 1, 0), ("2009-11-01", 1, 1, 1, 1)]


def test_no_plays_make_no_months(discovered: Callable[[DataFrame], list[Any]], frame: Callable[..., DataFrame]) -> None:
    assert discovered(frame("fct_play")) == []
