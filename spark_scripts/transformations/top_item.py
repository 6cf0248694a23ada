"""The most played tracks, artists and albums of each month, each year, and of all time."""

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import month_of, total_listened

MAX_RANK = 100
ALL_TIME = date(1970, 1, 1)
ITEM_KINDS = ("track", "artist", "album")


def top_item(plays: DataFrame) -> DataFrame:
    """Return one row per listener, period, kind of item and rank."""
    counts = by_period(by_month(plays))
    order = Window.partitionBy("listener_id", "period", "period_start", "item_kind").orderBy(
        F.desc("play_count"), F.desc("listened_ms"), "item_id"
    )
    return counts.withColumn("rank", F.row_number().over(order)).where(F.col("rank") <= MAX_RANK)


def by_month(plays: DataFrame) -> DataFrame:
    """Return the plays of every item in every month."""
    items = F.array(
        *[F.struct(F.lit(kind).alias("item_kind"), F.col(f"{kind}_id").alias("item_id")) for kind in ITEM_KINDS]
    )
    return (
        plays.select("listener_id", month_of("played_on"), "listened_ms", F.inline(items))
        .where(F.col("item_id").isNotNull())
        .groupBy("listener_id", "item_kind", "item_id", "month")
        .agg(F.count("*").alias("play_count"), total_listened().alias("listened_ms"))
    )


def by_period(months: DataFrame) -> DataFrame:
    """Return the plays of every item by month, by year and over all time."""
    starts = {"month": F.col("month"), "year": F.trunc("month", "year"), "all": F.lit(ALL_TIME)}
    periods = F.array(
        *[F.struct(F.lit(period).alias("period"), start.alias("period_start")) for period, start in starts.items()]
    )
    return (
        months.select("listener_id", "item_kind", "item_id", "play_count", "listened_ms", F.inline(periods))
        .groupBy("listener_id", "item_kind", "item_id", "period", "period_start")
        .agg(F.sum("play_count").alias("play_count"), F.sum("listened_ms").alias("listened_ms"))
    )
