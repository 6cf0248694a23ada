"""Tracks and artists that are new to a listener, by month."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import month_of


def discovery(plays: DataFrame, daily_listening: DataFrame) -> DataFrame:
    """Return one row per listener and month with a counted play."""
    month = ["listener_id", "month"]
    months = daily_listening.groupBy("listener_id", month_of("played_on")).agg(F.sum("play_count").alias("play_count"))
    tracks = (
        first_months(plays, "track_id")
        .groupBy(*month)
        .agg(F.count("*").alias("new_track_count"), F.sum("plays_in_first_month").alias("plays_of_new_tracks"))
    )
    artists = first_months(plays, "artist_id").groupBy(*month).agg(F.count("*").alias("new_artist_count"))
    return months.join(tracks, month, "left").join(artists, month, "left").fillna(0)


def first_months(plays: DataFrame, item: str) -> DataFrame:
    """Return one row per listener and item: `month`, that of its earliest play, and `plays_in_first_month`.

    The earliest play decides, not the earliest month: clocks that go back across midnight can make a month start twice.
    """
    months = (
        plays.where(F.col(item).isNotNull())
        .groupBy("listener_id", item, month_of("played_on"))
        .agg(F.count("*").alias("play_count"), F.min("ended_at").alias("first_ended_at"))
    )
    return months.groupBy("listener_id", item).agg(
        F.min_by("month", "first_ended_at").alias("month"),
        F.min_by("play_count", "first_ended_at").alias("plays_in_first_month"),
    )
