"""The share of an album that was played, and the day on which it was complete."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.album_completion import album_completion

COLUMNS = ("tracks_played", "total_tracks", "completion", "first_played_on", "completed_on")


@pytest.fixture
def completion(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Return the row of the only album, which has `total` tracks, for (track, day) pairs of plays."""

    def build(total: int | None, *plays_of_tracks: tuple[str, str]) -> list[Any]:
        plays = frame("fct_play", *[{"track_id": track, "played_on": day} for track, day in plays_of_tracks])
        return rows(album_completion(plays, frame("dim_album", {"album_id": "a1", "total_tracks": total})), *COLUMNS)

    return build


FOUR_PLAYS = [("t1", "2026-01-03"), ("t2", "2026-01-01"), ("t1", "2026-01-02"), ("t3", "2026-01-05")]


def test_completion_is_rounded_half_up(completion: Callable[..., list[Any]]) -> None:
    assert completion(3, ("t1", "2026-01-01")) == [(1, 3, Decimal("0.33333333"), "2026-01-01", None)]
    assert completion(3, *FOUR_PLAYS[:3]) == [(2, 3, Decimal("0.66666667"), "2026-01-01", None)]


def test_album_is_completed_on_the_day_of_its_last_new_track(completion: Callable[..., list[Any]]) -> None:
    assert completion(3, *FOUR_PLAYS) == [(3, 3, Decimal("1.00000000"), "2026-01-01", "2026-01-05")]


def test_completion_is_1_when_more_tracks_are_played_than_the_album_has(completion: Callable[..., list[Any]]) -> None:
    assert completion(2, *FOUR_PLAYS) == [(3, 2, Decimal("1.00000000"), "2026-01-01", "2026-01-02")]


@pytest.mark.parametrize("total", [None, 0])
def test_album_without_a_total_is_never_completed(completion: Callable[..., list[Any]], total: int | None) -> None:
    assert completion(total, *FOUR_PLAYS) == [(3, total, None, "2026-01-01", None)]


def test_play_without_album_makes_no_row(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    plays = frame("fct_play", {"album_id": None})
    assert rows(album_completion(plays, frame("dim_album"))) == []
