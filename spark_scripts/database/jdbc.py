"""Read DataFrames from PostgreSQL, with one connection per partition."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession


def read(
    spark: SparkSession, options: dict[str, str], query: str, conditions: Sequence[str] | None = None
) -> DataFrame:
    """Return the rows of a SELECT. With `conditions`, each one selects the rows of one partition; they must not overlap."""
    rows = f"({query}) AS query"
    if conditions is None:
        return spark.read.format("jdbc").options(**options).option("dbtable", rows).load()
    properties = {name: value for name, value in options.items() if name != "url"}
    return spark.read.jdbc(options["url"], rows, predicates=list(conditions) or ["false"], properties=properties)
