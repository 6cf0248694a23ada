"""Reading DataFrames from PostgreSQL, one partition a connection."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession


def read(spark: SparkSession, options: dict[str, str], query: str, groups: Sequence[str] | None = None) -> DataFrame:
    """The rows of a SELECT. With `groups`, one partition for each condition on them; they must not overlap."""
    source = f"({query}) AS rows_read"
    if groups is None:
        return spark.read.format("jdbc").options(**options).option("dbtable", source).load()
    properties = {name: value for name, value in options.items() if name != "url"}
    return spark.read.jdbc(options["url"], source, predicates=list(groups) or ["false"], properties=properties)
