"""All reading and writing of DataFrames: nothing else in this package moves rows between Spark and PostgreSQL."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F


def read(spark: SparkSession, options: dict[str, str], query: str, groups: Sequence[str] | None = None) -> DataFrame:
    """The rows of a SELECT. With `groups`, one partition for each condition on them; they must not overlap."""
    source = f"({query}) AS rows_read"
    if groups is None:
        return spark.read.format("jdbc").options(**options).option("dbtable", source).load()
    properties = {name: value for name, value in options.items() if name != "url"}
    return spark.read.jdbc(options["url"], source, predicates=list(groups) or ["false"], properties=properties)


def write_candidate(frame: DataFrame, options: dict[str, str], table: str, load_id: int) -> None:
    """Append a table's rows to its candidate: exactly the columns its DDL lists, in their types."""
    target = read(frame.sparkSession, options, f"SELECT * FROM candidate.{table}").schema
    rows = frame.withColumn("load_id", F.lit(load_id))
    columns = [F.col(field.name).cast(field.dataType).alias(field.name) for field in target]
    rows.select(*columns).write.format("jdbc").options(**options).option("dbtable", f"candidate.{table}").mode(
        "append"
    ).save()
