"""The stretches of time about which a listener's plays are known."""

from pyspark.sql import DataFrame


def coverage(raw_coverage: DataFrame) -> DataFrame:
    """One row per listener and stretch, as the endpoint found it."""
    return raw_coverage.select("listener_id", "started_at", "ended_at", "basis")
