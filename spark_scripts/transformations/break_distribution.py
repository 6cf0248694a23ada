"""How long a listener pauses between plays, month by month."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import month_of, with_latest_end_before, with_share

CONTINUOUS_BELOW = timedelta(minutes=5)
SHORT_BELOW = timedelta(minutes=60)


def break_distribution(plays: DataFrame) -> DataFrame:
    """One row per listener, month and class with a pause: one lies before each counted play but the listener's first."""
    ended_by = with_latest_end_before(plays).where(F.col("latest_end_before").isNotNull())
    counts = ended_by.groupBy("listener_id", month_of("played_on"), break_class().alias("break_class")).agg(
        F.count("*").alias("break_count")
    )
    return with_share(counts, "break_count", of=["listener_id", "month"])


def break_class() -> Column:
    """The class of the pause before a play; plays that overlap have none between them, and so a continuous one."""
    pause = F.col("started_at") - F.col("latest_end_before")
    return (
        F.when(pause < F.lit(CONTINUOUS_BELOW), "continuous")
        .when(pause < F.lit(SHORT_BELOW), "short")
        .otherwise("long")
    )
