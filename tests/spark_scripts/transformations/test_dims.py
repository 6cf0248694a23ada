"""Dimensions contain what plays refer to, with the catalog's values or else those of the latest play."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

from spark_scripts.transformations.bridge_track_artist import bridge_track_artist
from spark_scripts.transformations.dim_album import dim_album
from spark_scripts.transformations.dim_artist import dim_artist
from spark_scripts.transformations.dim_track import dim_track


def test_track_has_the_catalog_title_or_else_that_of_its_latest_play(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    uses = frame(
        "track_uses",
        {"track_id": "K", "track_title": "as exported", "ended_at": "2026-01-02"},
        {"track_id": "L", "track_title": "older", "ended_at": "2026-01-01"},
        {"track_id": "L", "track_title": "b", "artist_id": "r2", "ended_at": "2026-01-02"},
        {"track_id": "L", "track_title": "B", "artist_id": "r1", "ended_at": "2026-01-02"},
        {"track_id": "L", "track_title": None, "ended_at": "2026-01-03"},
        {"track_id": "N", "track_title": None, "ended_at": "2026-01-03"},
    )
    known = frame(
        "catalog_track",
        {"track_id": "K", "title": "Known", "artist_ids": ["R1", "R2"], "album_id": "A", "duration_ms": 5},
    )
    assert rows(dim_track(uses, known), "track_id", "title", "artist_id", "album_id", "duration_ms") == [
        ("K", "Known", "R1", "A", 5),
        ("L", "B", "r1", None, None),
        ("N", None, None, None, None),
    ]


def test_bridge_has_every_credit_or_else_the_one_known_artist(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    tracks = frame(
        "dim_track", {"track_id": "K", "artist_id": "R1"}, {"track_id": "L", "artist_id": "r"}, {"track_id": "E"}
    )
    known = frame("catalog_track", {"track_id": "K", "artist_ids": ["R1", "R2"]}, {"track_id": "L", "artist_ids": []})
    assert rows(bridge_track_artist(tracks, known), "track_id", "position", "artist_id") == [
        ("K", 0, "R1"),
        ("K", 1, "R2"),
        ("L", 0, "r"),
    ]


def test_album_that_only_a_track_refers_to_has_a_row(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    uses = frame(
        "album_uses",
        {"album_id": "A"},
        {"album_id": "B"},
        {"album_id": "B", "album_title": "Disc", "artist_id": "r", "ended_at": "2026-01-01"},
    )
    known = frame("catalog_album", {"album_id": "A", "title": "Known", "artist_ids": ["R"], "total_tracks": 9})
    assert rows(dim_album(uses, known), "album_id", "title", "artist_id", "total_tracks") == [
        ("A", "Known", "R", 9),
        ("B", "Disc", "r", None),
    ]


def test_artist_has_the_catalog_name_or_else_that_of_its_latest_play(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    uses = frame(
        "artist_uses",
        {"artist_id": "R", "artist_name": "Various Artists", "ended_at": "2026-01-01"},
        {"artist_id": "S", "artist_name": "Old Name", "ended_at": "2026-01-01"},
        {"artist_id": "S", "artist_name": "New Name", "ended_at": "2026-01-02"},
    )
    known = frame("catalog_artist", {"artist_id": "R", "name": "Known", "genres": ["folk"]})
    assert rows(dim_artist(uses, known), "artist_id", "name", "genres") == [
        ("R", "Known", ("folk",)),
        ("S", "New Name", None),
    ]
