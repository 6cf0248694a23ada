"""The effect of time zone, duration, settings and id mapping on a play."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.fct_play import fct_play


@pytest.fixture
def fct_play_rows(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Return the named columns of fct_play for raw plays, listeners, an id map and catalog tracks."""

    def build(
        plays: Iterable[dict[str, Any]],
        *columns: str,
        listeners: Iterable[dict[str, Any]] = ({},),
        id_map: Iterable[dict[str, Any]] = (),
        tracks: Iterable[dict[str, Any]] = (),
    ) -> list[Any]:
        inputs = (
            frame("raw_play", *plays),
            frame("dim_listener", *listeners),
            frame("id_map", *id_map),
            frame("catalog_track", *tracks),
        )
        return rows(fct_play(*inputs), *columns)

    return build


def test_played_on_follows_local_time_across_clock_changes(fct_play_rows: Callable[..., list[Any]]) -> None:
    listeners = [
        {"listener_id": "madrid", "time_zone": "Europe/Madrid"},
        {"listener_id": "kolkata", "time_zone": "Asia/Kolkata"},
        {"listener_id": "apia", "time_zone": "Pacific/Apia"},
    ]
    plays = [
        ("madrid", "2026-03-28 22:59:59.999"),  # 23:59:59.999, winter time
        ("madrid", "2026-03-29 00:59:59"),  # 01:59:59, a second before clocks go forward
        ("madrid", "2026-03-29 01:00:00"),  # 03:00: there is no 02
        ("madrid", "2026-10-25 00:30:00"),  # 02:30, summer time
        ("madrid", "2026-10-25 01:30:00"),  # 02:30 again, winter time
        ("madrid", "2026-06-30 22:00:00"),  # midnight, summer time
        ("kolkata", "2026-01-31 18:30:00"),  # midnight, half an hour off
        ("apia", "2011-12-30 09:59:59"),  # 23:59:59 on the 29th, UTC-10
        ("apia", "2011-12-30 10:00:00"),  # the 31st begins: there was no 30th
    ]
    raw = [{"play_id": f"{n}", "listener_id": who, "ended_at": end} for n, (who, end) in enumerate(plays)]
    assert fct_play_rows(raw, "play_id", "played_on", "iso_weekday", "hour", listeners=listeners) == [
        ("0", "2026-03-28", 6, 23),
        ("1", "2026-03-29", 7, 1),
        ("2", "2026-03-29", 7, 3),
        ("3", "2026-10-25", 7, 2),
        ("4", "2026-10-25", 7, 2),
        ("5", "2026-07-01", 3, 0),
        ("6", "2026-02-01", 7, 0),
        ("7", "2011-12-29", 4, 23),
        ("8", "2011-12-31", 6, 0),
    ]


def test_unknown_length_is_estimated_from_the_duration_and_the_previous_end(
    fct_play_rows: Callable[..., list[Any]],
) -> None:
    plays = [
        {"play_id": "first", "ended_at": "2026-01-01 10:00:00.123", "ms_played": None, "track_id": "T"},
        {"play_id": "together", "ended_at": "2026-01-01 10:00:00.123", "ms_played": None, "track_id": "T"},
        {
            "play_id": "private",
            "ended_at": "2026-01-01 10:01:00.123",
            "ms_played": 0,
            "is_private": True,
            "kind": "episode",
        },
        {"play_id": "short gap", "ended_at": "2026-01-01 10:01:00.124", "ms_played": None, "track_id": "T"},
        {"play_id": "unknown", "ended_at": "2026-01-01 11:00:00", "ms_played": None, "track_id": "U"},
        {"play_id": "whole", "ended_at": "2026-01-01 12:00:00", "ms_played": None, "track_id": "T"},
    ]
    tracks = [{"track_id": "T", "duration_ms": 180_000}, {"track_id": "U"}]
    assert fct_play_rows(plays, "play_id", "listened_ms", "listened_ms_is_estimate", "started_at", tracks=tracks) == [
        ("first", 180_000, True, "2026-01-01 09:57:00.123"),
        ("private", 0, False, "2026-01-01 10:01:00.123"),
        ("short gap", 1, True, "2026-01-01 10:01:00.123"),
        ("together", 180_000, True, "2026-01-01 09:57:00.123"),
        ("unknown", None, True, "2026-01-01 11:00:00"),
        ("whole", 180_000, True, "2026-01-01 11:57:00"),
    ]


def test_play_of_another_listener_does_not_shorten_the_estimate(fct_play_rows: Callable[..., list[Any]]) -> None:
    plays = [
        {"listener_id": "ana", "ended_at": "2026-01-01 10:00:00", "ms_played": 5},
        {"listener_id": "bob", "ended_at": "2026-01-01 10:00:01", "ms_played": None, "track_id": "T"},
    ]
    found = fct_play_rows(
        plays, "listener_id", "listened_ms",
        listeners=[{"listener_id": "ana"}, {"listener_id": "bob"}], tracks=[{"track_id": "T", "duration_ms": 180_000}],
    )  # fmt: skip
    assert found == [("ana", 5), ("bob", 180_000)]


def test_timestamps_keep_microseconds(fct_play_rows: Callable[..., list[Any]]) -> None:
    plays = [{"ended_at": "2026-01-01 10:00:00.123456", "ms_played": 1}]
    assert fct_play_rows(plays, "ended_at", "started_at") == [
        ("2026-01-01 10:00:00.123456", "2026-01-01 10:00:00.122456")
    ]


def test_play_counts_if_it_is_a_long_enough_public_track(fct_play_rows: Callable[..., list[Any]]) -> None:
    plays: dict[str, dict[str, Any]] = {
        "long enough": {"ms_played": 30_000},
        "length unknown": {"ms_played": None},
        "too short": {"ms_played": 29_999},
        "not heard": {"ms_played": 0},
        "episode": {"kind": "episode"},
        "private": {"is_private": True},
    }
    found = fct_play_rows([{"play_id": name} | play for name, play in plays.items()], "play_id", "is_counted")
    assert [name for name, is_counted in found if is_counted] == ["length unknown", "long enough"]


def test_private_play_counts_if_the_listener_counts_private_plays(fct_play_rows: Callable[..., list[Any]]) -> None:
    assert fct_play_rows([{"is_private": True}], "is_counted", "is_private", listeners=[{"counts_private": True}]) == [
        (True, True)
    ]


def test_provisional_ids_are_mapped_and_the_catalog_sets_artist_and_album(
    fct_play_rows: Callable[..., list[Any]],
) -> None:
    own = {"artist_id": "x:artist:1", "album_id": "x:album:1"}
    plays = [
        {"play_id": "known", "track_id": "x:track:1"} | own,
        {"play_id": "mapped", "track_id": "x:track:2"} | own,
        {"play_id": "talk", "track_id": "x:track:1", "kind": "episode"} | own,
        {"play_id": "own", "track_id": "x:track:3", "artist_id": "x:artist:2", "album_id": None},
        {"play_id": "bare", "track_id": "B"} | own,
    ]
    id_map = [
        {"provisional_id": "x:track:1", "spotify_id": "T"},
        {"provisional_id": "x:track:2", "spotify_id": "U"},
        {"provisional_id": "x:artist:1", "spotify_id": "R"},
    ]
    tracks = [{"track_id": "T", "artist_ids": ["R1", "R2"], "album_id": "A"}, {"track_id": "B"}]
    assert fct_play_rows(plays, "play_id", "track_id", "artist_id", "album_id", id_map=id_map, tracks=tracks) == [
        ("bare", "B", "R", "x:album:1"),
        ("known", "T", "R1", "A"),
        ("mapped", "U", "R", "x:album:1"),
        ("own", "x:track:3", "x:artist:2", None),
        ("talk", "T", None, None),
    ]


def test_no_plays_make_no_rows(fct_play_rows: Callable[..., list[Any]]) -> None:
    assert fct_play_rows([], "play_id") == []
