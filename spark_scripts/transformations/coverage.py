"""The periods for which a listener's plays are known."""

from pyspark.sql import DataFrame


def coverage(raw_coverage: DataFrame) -> DataFrame:
    """Return one row per listener and period, as the endpoint recorded it."""
    return raw_coverage.select("listener_id", "started_at", "ended_at", "basis")
