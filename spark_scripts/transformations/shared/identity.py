"""Replace provisional ids with Spotify's ids where a mapping is known."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

PROVISIONAL_PREFIX = "x:"


def map_ids(rows: DataFrame, column: str, id_map: DataFrame) -> DataFrame:
    """Replace a column's provisional ids with the Spotify ids that `id_map` (provisional_id, spotify_id) has for them."""
    mapping = id_map.select(F.col("provisional_id").alias(column), F.col("spotify_id").alias("mapped_id"))
    return rows.join(mapping, column, "left").withColumn(column, F.coalesce("mapped_id", column)).drop("mapped_id")


def first_id(ids: Column | str) -> Column:
    """Return the first id of an array in credit order, null if it is empty."""
    return F.get(ids, 0)
