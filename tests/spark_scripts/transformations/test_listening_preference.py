"""Dimensions, the bounds of their buckets, and shares."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.listening_preference import listening_preference


@pytest.fixture
def preferences(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> Callable[..., list[Any]]:
    """Return the buckets of one dimension, with their play counts unless other columns are named."""

    def build(
        dimension: str,
        plays: Iterable[dict[str, Any]],
        *columns: str,
        track: dict[str, Any] | None = None,
        album: dict[str, Any] | None = None,
    ) -> list[Any]:
        found = listening_preference(
            frame("fct_play", *plays),
            frame("dim_track", {"track_id": "t1"} | (track or {})),
            frame("dim_album", {"album_id": "a1"} | (album or {})),
        )
        return rows(found.where(found.dimension == dimension), *(columns or ("bucket", "play_count")))

    return build


@pytest.mark.parametrize(("explicit", "bucket"), [(True, "explicit"), (False, "clean"), (None, "unknown")])
def test_explicit_bucket_follows_the_track(
    explicit: bool | None, bucket: str, preferences: Callable[..., list[Any]]
) -> None:
    assert preferences("explicit", [{}], track={"explicit": explicit}) == [(bucket, 1)]


@pytest.mark.parametrize(
    ("duration_ms", "bucket"),
    [(179_999, "short"), (180_000, "medium"), (299_999, "medium"), (300_000, "long"), (0, "short"), (None, "unknown")],
)
def test_duration_bucket_follows_the_track_and_not_the_time_played(
    duration_ms: int | None, bucket: str, preferences: Callable[..., list[Any]]
) -> None:
    assert preferences("duration", [{"ms_played": 30_000}], track={"duration_ms": duration_ms}) == [(bucket, 1)]


def test_release_year_is_that_of_the_album(preferences: Callable[..., list[Any]]) -> None:
    plays = [{}, {"album_id": None}, {"album_id": "elsewhere"}]
    assert preferences("release_year", plays, album={"release_date": "1994-08-29"}) == [("1994", 1), ("unknown", 2)]
    assert preferences("release_year", plays[:1]) == [("unknown", 1)]


def test_weekend_is_saturday_and_sunday(preferences: Callable[..., list[Any]]) -> None:
    week = [{"ended_at": f"2026-11-{day} 12:00:00"} for day in range(23, 30)]  # from a Monday
    assert preferences("weekpart", week) == [("weekday", 5), ("weekend", 2)]


def test_day_has_four_parts_of_six_hours(preferences: Callable[..., list[Any]]) -> None:
    day = [{"ended_at": f"2026-11-23 {hour:02}:59:59"} for hour in range(24)]
    assert preferences("daypart", day) == [("afternoon", 6), ("evening", 6), ("morning", 6), ("night", 6)]


def test_seasons_are_those_of_the_northern_hemisphere(preferences: Callable[..., list[Any]]) -> None:
    year = [{"played_on": f"2026-{month:02}-28"} for month in range(1, 13)]
    seasons = dict.fromkeys((12, 1, 2), "winter") | dict.fromkeys((3, 4, 5), "spring")
    seasons |= dict.fromkeys((6, 7, 8), "summer") | dict.fromkeys((9, 10, 11), "autumn")
    assert preferences("season", year, "month", "bucket") == [
        (f"2026-{month:02}-01", seasons[month]) for month in range(1, 13)
    ]


@pytest.mark.parametrize(("shuffle", "bucket"), [(True, "on"), (False, "off"), (None, "unknown")])
def test_shuffle_bucket_follows_the_play(
    shuffle: bool | None, bucket: str, preferences: Callable[..., list[Any]]
) -> None:
    assert preferences("shuffle", [{"shuffle": shuffle}]) == [(bucket, 1)]


PLATFORMS: dict[str, list[str | None]] = {
    "unknown": [None, "", "  ", "unknown", "Unknown", "not_applicable", " NOT_APPLICABLE "],
    "web": ["web_player windows 10;chrome 96", "WebPlayer (websocket RFC6455)", "Android web_player"],
    "mobile": ["Android OS 13 API 33 (samsung)", "android", " iOS 16.1 (iPhone14,5)", "iPadOS", "iPod", "Windows Phone 8"],
    "desktop": ["Windows 10 (10.0.19044; x64)", "OS X 10.15.7 [x86 8]", "osx", "macOS", "Linux [x86-64 0]", "Chrome OS", "ChromeOS"],
    "other": ["android_tv samsung", "Android TV OS 9", "Partner sonos_ppc Sonos;One", "ps4", "cast", "not applicable", "my ios"],
}  # fmt: skip


@pytest.mark.parametrize("bucket", PLATFORMS)
def test_platform_is_classified_by_its_name(bucket: str, preferences: Callable[..., list[Any]]) -> None:
    plays = [{"platform": name} for name in PLATFORMS[bucket]]
    assert preferences("platform", plays) == [(bucket, len(plays))]


def test_shares_are_relative_to_the_month(preferences: Callable[..., list[Any]]) -> None:
    plays = [
        {"played_on": "2026-01-31", "shuffle": True, "ms_played": 40_000},
        {"played_on": "2026-02-01", "shuffle": True, "ms_played": 50_000},
        {"played_on": "2026-02-28", "shuffle": False, "ms_played": None},
        {"played_on": "2026-02-28", "shuffle": True, "ms_played": 60_000},
    ]
    assert preferences("shuffle", plays, "month", "bucket", "play_count", "listened_ms", "share") == [
        ("2026-01-01", "on", 1, 40_000, Decimal("1.00000000")),
        ("2026-02-01", "off", 1, 0, Decimal("0.33333333")),
        ("2026-02-01", "on", 2, 110_000, Decimal("0.66666667")),
    ]


def test_play_is_in_each_of_the_eight_dimensions(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    one = listening_preference(frame("fct_play", {}), frame("dim_track"), frame("dim_album"))
    assert rows(one, "dimension", "play_count") == [
        (name, 1)
        for name in ("daypart", "duration", "explicit", "platform", "release_year", "season", "shuffle", "weekpart")
    ]


def test_no_plays_make_no_buckets(frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]) -> None:
    assert rows(listening_preference(frame("fct_play"), frame("dim_track"), frame("dim_album"))) == []
