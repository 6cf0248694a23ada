"""Unbroken runs of local days with a counted play, whatever was played."""

from pyspark.sql import DataFrame

from spark_scripts.transformations.shared.shaping import consecutive_days


def listening_streak(plays: DataFrame) -> DataFrame:
    """One row per listener and run; a single day is one."""
    return consecutive_days(plays, of=["listener_id"], day="played_on")
