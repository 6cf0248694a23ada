"""A listener's plays on each local day."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import distinct_count, total_listened


def daily_listening(plays: DataFrame) -> DataFrame:
    """Return one row per listener and local day with a counted play."""
    return plays.groupBy("listener_id", "played_on").agg(
        F.count("*").alias("play_count"),
        total_listened().alias("listened_ms"),
        distinct_count("track_id").alias("track_count"),
        distinct_count("artist_id").alias("artist_count"),
    )
