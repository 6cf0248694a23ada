"""The listeners as source knows them, with plays or without."""

from pyspark.sql import DataFrame


def dim_listener(raw_listener: DataFrame) -> DataFrame:
    """One row per listener; every column as the endpoint keeps it."""
    return raw_listener.select(
        "listener_id", "display_name", "time_zone", "counts_private", "tenant_id", "is_simulated"
    )
