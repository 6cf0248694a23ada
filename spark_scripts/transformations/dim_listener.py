"""All listeners of source, with or without plays."""

from pyspark.sql import DataFrame


def dim_listener(raw_listener: DataFrame) -> DataFrame:
    """Return one row per listener, with the columns as the endpoint stores them."""
    return raw_listener.select(
        "listener_id", "display_name", "time_zone", "counts_private", "tenant_id", "is_simulated"
    )
