"""Stretches of listening without a long silence."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import distinct, total_listened, with_latest_end_before

SESSION_GAP = timedelta(minutes=30)  # A silence of exactly this still joins.


def listening_session(heard: DataFrame, dim_listener: DataFrame) -> DataFrame:
    """One row per listener and session, over track plays counted or not; private ones only where the listener counts them."""
    shown = (
        heard.where(F.col("kind") == "track")
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
            distinct("track_id").alias("track_count"),
            distinct("artist_id").alias("artist_count"),
            F.count_if(F.coalesce("skipped", F.lit(False))).alias("skip_count"),
        )
        .drop("session")
    )


def _session_number() -> Column:
    silence_ended = F.col("started_at") > F.col("latest_end_before") + F.lit(SESSION_GAP)
    so_far = (
        Window.partitionBy("listener_id")
        .orderBy("started_at", "ended_at")
        .rowsBetween(Window.unboundedPreceding, Window.currentRow)
    )
    return F.sum(F.coalesce(silence_ended.cast("int"), F.lit(0))).over(so_far)
