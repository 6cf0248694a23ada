"""A listener's whole history in one row."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.shaping import consecutive_days, total_listened


def listener_summary(plays: DataFrame, listening_session: DataFrame) -> DataFrame:
    """One row per listener with a counted play."""
    totals = plays.groupBy("listener_id").agg(
        F.min("ended_at").alias("first_played_at"),
        F.max("ended_at").alias("last_played_at"),
        F.count("*").alias("play_count"),
        total_listened().alias("listened_ms"),
        F.count_distinct("track_id").alias("track_count"),
        F.count_distinct("artist_id").alias("artist_count"),
        F.count_distinct("album_id").alias("album_count"),
        F.count_distinct("played_on").alias("day_count"),
    )
    streaks = consecutive_days(plays, of=["listener_id"], day="played_on")
    longest_streak = streaks.groupBy("listener_id").agg(F.max("day_count").alias("longest_streak_days"))
    span_ms = F.unix_millis("ended_at") - F.unix_millis("started_at")
    longest_session = listening_session.groupBy("listener_id").agg(F.max(span_ms).alias("longest_session_ms"))
    return (
        totals.join(longest_streak, "listener_id")
        .join(longest_session, "listener_id")
        .join(_busiest_day(plays), "listener_id")
    )


def _busiest_day(plays: DataFrame) -> DataFrame:
    """The day with the most listening; the earliest on a tie."""
    days = plays.groupBy("listener_id", "played_on").agg(total_listened().alias("listened_ms"))
    busiest = F.min(F.struct((-F.col("listened_ms")).alias("rank"), F.col("played_on")))
    return days.groupBy("listener_id").agg(busiest.getField("played_on").alias("busiest_day"))
