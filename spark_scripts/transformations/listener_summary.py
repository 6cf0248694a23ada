"""A listener's whole history in one row."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def listener_summary(
    plays: DataFrame,
    daily_listening: DataFrame,
    listening_streak: DataFrame,
    listening_session: DataFrame,
    album_completion: DataFrame,
    discovery: DataFrame,
) -> DataFrame:
    """Return one row per listener with a counted play, from the plays and from marts that have already counted them."""
    ends = plays.groupBy("listener_id").agg(
        F.min("ended_at").alias("first_played_at"), F.max("ended_at").alias("last_played_at")
    )
    busiest = F.min(F.struct((-F.col("listened_ms")).alias("rank"), F.col("played_on")))  # On a tie, the earliest day.
    days = daily_listening.groupBy("listener_id").agg(
        F.sum("play_count").alias("play_count"),
        F.sum("listened_ms").alias("listened_ms"),
        F.count("*").alias("day_count"),
        busiest.getField("played_on").alias("busiest_day"),
    )
    items = discovery.groupBy("listener_id").agg(
        F.sum("new_track_count").alias("track_count"), F.sum("new_artist_count").alias("artist_count")
    )
    albums = album_completion.groupBy("listener_id").agg(F.count("*").alias("album_count"))
    streaks = listening_streak.groupBy("listener_id").agg(F.max("day_count").alias("longest_streak_days"))
    span_ms = F.unix_millis("ended_at") - F.unix_millis("started_at")
    sessions = listening_session.groupBy("listener_id").agg(F.max(span_ms).alias("longest_session_ms"))
    summary = ends.join(albums, "listener_id", "left").fillna(0, ["album_count"])
    for part in (days, items, streaks, sessions):
        summary = summary.join(part, "listener_id")
    return summary
