"""Build DataFrames of source's and main's tables from a few rows, of which a test names only the columns that matter."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from pyspark.sql import DataFrame, SparkSession

SCHEMAS = {
    "raw_play": (
        "play_id string, listener_id string, ended_at timestamp, ms_played int, kind string, track_id string, artist_id string, "
        "album_id string, track_title string, artist_name string, album_title string, is_private boolean, skipped boolean, "
        "shuffle boolean, offline boolean, platform string, country string, context_uri string, origin string"
    ),
    "fct_play": (
        "play_id string, listener_id string, ended_at timestamp, ms_played int, listened_ms bigint, started_at timestamp, "
        "played_on date, iso_weekday int, hour int, kind string, is_private boolean, is_counted boolean, track_id string, "
        "artist_id string, album_id string, skipped boolean, shuffle boolean, platform string, origin string"
    ),
    "dim_listener": "listener_id string, display_name string, time_zone string, counts_private boolean, tenant_id string, is_simulated boolean",
    "id_map": "provisional_id string, spotify_id string",
    "catalog_track": (
        "track_id string, title string, album_id string, artist_ids array<string>, duration_ms int, explicit boolean, "
        "popularity int, isrc string, track_number int, disc_number int"
    ),
    "catalog_album": (
        "album_id string, title string, artist_ids array<string>, album_type string, total_tracks int, release_date date, "
        "release_precision string, label string, popularity int, image_url string"
    ),
    "catalog_artist": "artist_id string, name string, popularity int, followers int, genres array<string>, image_url string",
    "dim_track": "track_id string, artist_id string, duration_ms bigint, explicit boolean, popularity int",
    "dim_album": "album_id string, total_tracks int, release_date date",
    "listening_session": "listener_id string, started_at timestamp, ended_at timestamp",
    "track_uses": "track_id string, ended_at timestamp, track_title string, artist_id string, album_id string",
    "album_uses": "album_id string, ended_at timestamp, album_title string, artist_id string",
    "artist_uses": "artist_id string, ended_at timestamp, artist_name string",
}  # fmt: skip
PLAY = {
    "listener_id": "bob", "ended_at": "2026-03-28 12:00:00", "ms_played": 60_000, "kind": "track", "track_id": "t1",
    "artist_id": "r1", "album_id": "a1", "is_private": False, "origin": "extended",
}  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "raw_play": PLAY,
    "fct_play": PLAY | {"is_counted": True},
    "dim_listener": {
        "listener_id": "bob",
        "time_zone": "UTC",
        "counts_private": False,
        "tenant_id": "default",
        "is_simulated": False,
    },
    "catalog_track": {"artist_ids": []},
    "catalog_album": {"artist_ids": []},
}
_numbers = count()


def frame(spark: SparkSession, table: str, rows: Iterable[dict[str, Any]]) -> DataFrame:
    """Return a frame with the table's columns. Columns that a row does not name have a default or null."""
    names = [column.strip().split(" ")[0] for column in SCHEMAS[table].split(", ")]
    complete = [_complete(table, row) for row in rows]
    for row in complete:
        assert row.keys() <= set(names), f"{table} has no columns {row.keys() - set(names)}"
    return spark.createDataFrame([tuple(row.get(name) for name in names) for row in complete], SCHEMAS[table])


def _complete(table: str, partial: dict[str, Any]) -> dict[str, Any]:
    row = DEFAULTS.get(table, {}) | partial
    for name in ("ended_at", "started_at"):
        if isinstance(row.get(name), str):
            row[name] = datetime.fromisoformat(row[name]).replace(tzinfo=UTC)
    if table in ("raw_play", "fct_play"):
        row.setdefault("play_id", f"p{next(_numbers):04}")
    if table == "fct_play":
        row.setdefault("listened_ms", row["ms_played"])
        row.setdefault("started_at", row["ended_at"] - timedelta(milliseconds=row["listened_ms"] or 0))
        row.setdefault("played_on", row["ended_at"].date())
        row.setdefault("iso_weekday", _day(row["played_on"]).isoweekday())
        row.setdefault("hour", row["ended_at"].hour)
    for name in ("played_on", "release_date"):
        if row.get(name) is not None:
            row[name] = _day(row[name])
    return row


def _day(value: date | str) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value
