"""Unbroken runs of local days with a counted play of any track."""

from pyspark.sql import DataFrame

from spark_scripts.transformations.shared.shaping import consecutive_days


def listening_streak(plays: DataFrame) -> DataFrame:
    """Return one row per listener and run. A single day is a run."""
    return consecutive_days(plays, of=["listener_id"], day="played_on")
