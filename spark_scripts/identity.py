"""Own ids to the ids of core: a provisional id stands for the Spotify id with the same names, once there is one."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

PROVISIONAL = "x:"


def mapped(rows: DataFrame, column: str, id_map: DataFrame) -> DataFrame:
    """Replace a column's provisional ids by the Spotify ids that `id_map` (provisional_id, spotify_id) knows for them."""
    known = id_map.select(F.col("provisional_id").alias(column), F.col("spotify_id").alias("mapped_id"))
    return rows.join(known, column, "left").withColumn(column, F.coalesce("mapped_id", column)).drop("mapped_id")


def provisional_ids(plays: DataFrame) -> DataFrame:
    """Every provisional id that plays carry as track, artist or album: one column, `id`."""
    columns = [plays.select(F.col(name).alias("id")) for name in ("track_id", "artist_id", "album_id")]
    return columns[0].union(columns[1]).union(columns[2]).where(F.col("id").startswith(PROVISIONAL)).distinct()


def first(ids: Column | str) -> Column:
    """The first of an array of ids in credit order; null when there is none."""
    return F.get(ids, 0)
