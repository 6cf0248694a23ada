"""Sessions: track plays that follow each other without a break of more than 30 minutes."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import distinct_count, total_listened, with_latest_end_before

SESSION_GAP = timedelta(minutes=30)  # A break of exactly this length does not end a session.


def listening_session(all_plays: DataFrame, dim_listener: DataFrame) -> DataFrame:
    """Return one row per listener and session.

    A session includes track plays that are not counted. It includes private plays only if the listener counts those.
    """
    shown = (
        all_plays.where(F.col("kind") == "track")
        .join(dim_listener.select("listener_id", "counts_private"), "listener_id")
        .where(~F.col("is_private") | F.col("counts_private"))
    )
    numbered = with_latest_end_before(shown).withColumn("session", _session_number())
    return (
        numbered.groupBy("listener_id", "session")
        .agg(
            F.min("started_at").alias("started_at"),
            F.max("ended_at").alias("ended_at"),
            F.count("*").alias("play_count"),
            F.count_if("is_counted").alias("counted_count"),
            total_listened().alias("listened_ms"),
            distinct_count("track_id").alias("track_count"),
            distinct_count("artist_id").alias("artist_count"),
            F.count_if(F.coalesce("skipped", F.lit(False))).alias("skip_count"),
        )
        .drop("session")
    )


def _session_number() -> Column:
    starts_session = F.col("started_at") > F.col("latest_end_before") + F.lit(SESSION_GAP)
    up_to_this_play = (
        Window.partitionBy("listener_id")
        .orderBy("started_at", "ended_at")
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    return F.sum(F.coalesce(starts_session.cast("int"), F.lit(0))).over(up_to_this_play)
