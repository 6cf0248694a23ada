"""The weekdays and hours at which a listener listens, by month."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import month_of, total_listened


def listening_clock(plays: DataFrame) -> DataFrame:
    """Return one row per listener, month, weekday and hour with a counted play."""
    return plays.groupBy("listener_id", month_of("played_on"), "iso_weekday", "hour").agg(
        F.count("*").alias("play_count"),
        total_listened().alias("listened_ms"),
    )
