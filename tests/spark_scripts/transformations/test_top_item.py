"""Ranks: ties, periods, and where they end."""

import pytest

from spark_scripts.transformations.top_item import RANKS, top_item


@pytest.fixture
def ranked(frame, rows):
    """The chosen columns of one period and kind of item."""

    def build(period, item_kind, plays, *columns):
        items = top_item(frame("fct_play", *plays))
        return rows(items.where((items.period == period) & (items.item_kind == item_kind)), *columns)

    return build


def test_ties_are_settled_by_time_and_then_by_the_bytes_of_the_id(ranked):
    plays = [
        {"track_id": "a", "ms_played": 90_000},
        {"track_id": "b", "ms_played": 31_000},
        {"track_id": "b", "ms_played": None},
        {"track_id": "c", "ms_played": 90_000},
        {"track_id": "B", "ms_played": 90_000},  # An upper-case letter is smaller than any lower-case one.
        {"track_id": "é", "ms_played": 90_001},
    ]
    assert ranked("all", "track", plays, "rank", "item_id", "play_count", "listened_ms") == [
        (1, "b", 2, 31_000), (2, "é", 1, 90_001), (3, "B", 1, 90_000), (4, "a", 1, 90_000), (5, "c", 1, 90_000),
    ]  # fmt: skip


def test_each_month_year_and_all_time_has_ranks_of_its_own(ranked):
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


def test_a_play_without_the_items_id_is_left_out(ranked):
    plays = [{"artist_id": None, "album_id": "x"}, {"artist_id": "r", "album_id": None}]
    assert ranked("all", "artist", plays, "item_id", "play_count") == [("r", 1)]
    assert ranked("all", "album", plays, "item_id", "play_count") == [("x", 1)]
    assert ranked("all", "track", plays, "item_id", "play_count") == [("t1", 2)]


def test_ranks_end_at_a_hundred(ranked):
    plays = [{"track_id": f"t{n:03}"} for n in range(RANKS + 5)]
    found = ranked("month", "track", plays, "rank", "item_id")
    assert sorted(found) == [(n + 1, f"t{n:03}") for n in range(100)]


def test_listeners_are_ranked_apart(ranked):
    plays = [{"listener_id": "ana", "track_id": "a"}, {"listener_id": "bob", "track_id": "b"}]
    assert ranked("all", "track", plays, "listener_id", "rank", "item_id") == [("ana", 1, "a"), ("bob", 1, "b")]


def test_no_plays_no_ranks(frame, rows):
    assert rows(top_item(frame("fct_play"))) == []
