"""The lengths of a listener's breaks between plays, by month."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import month_of, with_latest_end_before, with_share

CONTINUOUS_BELOW = timedelta(minutes=5)
SHORT_BELOW = timedelta(minutes=60)


def break_distribution(plays: DataFrame) -> DataFrame:
    """Return one row per listener, month and class with a break. Every counted play except the listener's first ends a break."""
    breaks = with_latest_end_before(plays).where(F.col("latest_end_before").isNotNull())
    counts = breaks.groupBy("listener_id", month_of("played_on"), break_class().alias("break_class")).agg(
        F.count("*").alias("break_count")
    )
    return with_share(counts, "break_count", of=["listener_id", "month"])


def break_class() -> Column:
    """Return the class of the break before a play. Overlapping plays count as continuous."""
    length = F.col("started_at") - F.col("latest_end_before")
    return (
        F.when(length < F.lit(CONTINUOUS_BELOW), "continuous")
        .when(length < F.lit(SHORT_BELOW), "short")
        .otherwise("long")
    )
