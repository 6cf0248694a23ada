"""Plays with mapped ids, local times, their known or estimated length, and whether they count."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.identity import first_id, map_ids

SHORTEST_COUNTED = timedelta(seconds=30)
MICROSECONDS_PER_MS = 1_000


def fct_play(raw_play: DataFrame, dim_listener: DataFrame, id_map: DataFrame, catalog_track: DataFrame) -> DataFrame:
    """Return one row per row of `raw_play`."""
    settings = dim_listener.select("listener_id", "time_zone", "counts_private")
    plays = with_known_ids(raw_play, id_map, catalog_track).join(settings, "listener_id")
    plays = with_length(plays)
    local = F.from_utc_timestamp("ended_at", F.col("time_zone"))
    return plays.select(
        "play_id", "listener_id", "ended_at", "ms_played", "listened_ms", "started_at",
        F.col("ms_played").isNull().alias("listened_ms_is_estimate"),
        F.to_date(local).alias("played_on"),
        (F.weekday(local) + 1).alias("iso_weekday"),
        F.hour(local).alias("hour"),
        "kind", "is_private", is_counted().alias("is_counted"),
        "track_id", "artist_id", "album_id", "track_title", "artist_name", "album_title",
        "skipped", "shuffle", "offline", "platform", "country", "context_uri", "origin",
    )  # fmt: skip


def with_known_ids(raw_play: DataFrame, id_map: DataFrame, catalog_track: DataFrame) -> DataFrame:
    """Map provisional ids, and add `duration_ms` from the catalog.

    The catalog's first artist and album replace those of the play. Episodes and chapters have neither artist nor album.
    """
    known = catalog_track.select(
        "track_id",
        "duration_ms",
        first_id("artist_ids").alias("known_artist_id"),
        F.col("album_id").alias("known_album_id"),
    )
    plays = raw_play
    for column in ("track_id", "artist_id", "album_id"):
        plays = map_ids(plays, column, id_map)
    plays = plays.join(known, "track_id", "left")
    is_track = F.col("kind") == "track"
    return plays.withColumns(
        {
            "artist_id": F.when(is_track, F.coalesce("known_artist_id", "artist_id")),
            "album_id": F.when(is_track, F.coalesce("known_album_id", "album_id")),
        }
    )


def with_length(plays: DataFrame) -> DataFrame:
    """Add `listened_ms` and `started_at`.

    The API does not report how long a track was played. The estimate is the track's duration, but at most the time since the
    listener's previous play ended; null if the duration is unknown.
    """
    end = F.unix_micros("ended_at")
    strictly_before = Window.partitionBy("listener_id").orderBy(end).rangeBetween(Window.unboundedPreceding, -1)
    since_last_play = F.call_function("div", end - F.max(end).over(strictly_before), F.lit(MICROSECONDS_PER_MS))
    estimate = F.when(F.col("duration_ms").isNotNull(), F.least(F.col("duration_ms").cast("bigint"), since_last_play))
    listened = F.coalesce(F.col("ms_played").cast("bigint"), estimate)
    return plays.withColumn("listened_ms", listened).withColumn(
        "started_at", F.timestamp_micros(end - F.coalesce("listened_ms", F.lit(0)) * MICROSECONDS_PER_MS)
    )


def is_counted() -> Column:
    """Return whether a play counts.

    It must be a track, played for at least 30 seconds or an unknown time. A private play counts only if its listener counts those.
    """
    shortest = F.lit(SHORTEST_COUNTED // timedelta(milliseconds=1))
    return (
        (F.col("kind") == "track")
        & (~F.col("is_private") | F.col("counts_private"))
        & (F.col("ms_played").isNull() | (F.col("ms_played") >= shortest))
    )
