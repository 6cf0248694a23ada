"""Own ids to the ids of core: a provisional id stands for the Spotify id with the same names, once there is one."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

PROVISIONAL = "x:"


def mapped(rows: DataFrame, column: str, id_map: DataFrame) -> DataFrame:
    """Replace a column's provisional ids by the Spotify ids that `id_map` (provisional_id, spotify_id) knows for them."""
    known = id_map.select(F.col("provisional_id").alias(column), F.col("spotify_id").alias("mapped_id"))
    return rows.join(known, column, "left").withColumn(column, F.coalesce("mapped_id", column)).drop("mapped_id")


def first(ids: Column | str) -> Column:
    """The first of an array of ids in credit order; null when there is none."""
    return F.get(ids, 0)
