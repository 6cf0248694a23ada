"""Ranks: ties, periods and the last rank."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.top_item import MAX_RANK, top_item


@pytest.fixture
def ranked(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Return the named columns of one period and item kind."""

    def build(period: str, item_kind: str, plays: Iterable[dict[str, Any]], *columns: str) -> list[Any]:
        items = top_item(frame("fct_play", *plays))
        return rows(items.where((items.period == period) & (items.item_kind == item_kind)), *columns)

    return build


def test_ties_are_broken_by_time_listened_and_then_by_the_bytes_of_the_id(ranked: Callable[..., list[Any]]) -> None:
    plays = [
        {"track_id": "a", "ms_played": 90_000},
        {"track_id": "b", "ms_played": 31_000},
        {"track_id": "b", "ms_played": None},
        {"track_id": "c", "ms_played": 90_000},
        {"track_id": "B", "ms_played": 90_000},  # Upper case sorts before lower case.
        {"track_id": "é", "ms_played": 90_001},
    ]
    assert ranked("all", "track", plays, "rank", "item_id", "play_count", "listened_ms") == [
        (1, "b", 2, 31_000), (2, "é", 1, 90_001), (3, "B", 1, 90_000), (4, "a", 1, 90_000), (5, "c", 1, 90_000),
    ]  # fmt: skip


def test_months_years_and_all_time_are_ranked_separately(ranked: Callable[..., list[Any]]) -> None:
    days = {"2025-12-31": "a", "2026-01-01": "b", "2026-01-31": "b", "2026-02-01": "a", "2026-02-02": "a"}
    plays = [{"played_on": day, "track_id": track} for day, track in days.items()]
    columns = ("period_start", "rank", "item_id", "play_count")
    assert ranked("month", "track", plays, *columns) == [
        ("2025-12-01", 1, "a", 1), ("2026-01-01", 1, "b", 2), ("2026-02-01", 1, "a", 2),
    ]  # fmt: skip
    assert ranked("year", "track", plays, *columns) == [
        ("2025-01-01", 1, "a", 1), ("2026-01-01", 1, "a", 2), ("2026-01-01", 2, "b", 2),
    ]  # fmt: skip
    assert ranked("all", "track", plays, *columns) == [("1970-01-01", 1, "a", 3), ("1970-01-01", 2, "b", 2)]


def test_play_without_an_id_of_the_kind_is_not_ranked(ranked: Callable[..., list[Any]]) -> None:
    plays = [{"artist_id": None, "album_id": "x"}, {"artist_id": "r", "album_id": None}]
    assert ranked("all", "artist", plays, "item_id", "play_count") == [("r", 1)]
    assert ranked("all", "album", plays, "item_id", "play_count") == [("x", 1)]
    assert ranked("all", "track", plays, "item_id", "play_count") == [("t1", 2)]


def test_ranks_end_at_100(ranked: Callable[..., list[Any]]) -> None:
    plays = [{"track_id": f"t{n:03}"} for n in range(MAX_RANK + 5)]
    found = ranked("month", "track", plays, "rank", "item_id")
    assert sorted(found) == [(n + 1, f"t{n:03}") for n in range(100)]


def test_listeners_are_ranked_separately(ranked: Callable[..., list[Any]]) -> None:
    plays = [{"listener_id": "ana", "track_id": "a"}, {"listener_id": "bob", "track_id": "b"}]
    assert ranked("all", "track", plays, "listener_id", "rank", "item_id") == [("ana", 1, "a"), ("bob", 1, "b")]


def test_no_plays_make_no_ranks(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(top_item(frame("fct_play"))) == []
