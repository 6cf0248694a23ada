"""A listener's plays in each local month."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import month_of, total_listened


def metric_name(plays: DataFrame) -> DataFrame:
    """Return one row per listener and local month with a counted play."""
    return plays.groupBy("listener_id", month_of("played_on")).agg(
        F.count("*").alias("play_count"),
        total_listened().alias("listened_ms"),
    )
