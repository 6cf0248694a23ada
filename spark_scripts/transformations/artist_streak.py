"""Unbroken runs of local days on which a listener played an artist."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import consecutive_days

SHORTEST_STREAK = 2  # days; a single day is not a streak


def artist_streak(plays: DataFrame) -> DataFrame:
    """Return one row per listener, artist and run of at least two days."""
    by_artist = plays.where(F.col("artist_id").isNotNull())
    runs = consecutive_days(by_artist, of=["listener_id", "artist_id"], day="played_on")
    return runs.where(F.col("day_count") >= SHORTEST_STREAK)
