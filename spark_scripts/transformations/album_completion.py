"""The share of each album that a listener has played, and the day on which it was complete."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import share


def album_completion(plays: DataFrame, dim_album: DataFrame) -> DataFrame:
    """Return one row per listener and album with a counted play."""
    first_plays = (
        plays.where(F.col("album_id").isNotNull())
        .groupBy("listener_id", "album_id", "track_id")
        .agg(F.min("played_on").alias("first_played_on"))
    )
    in_order = Window.partitionBy("listener_id", "album_id").orderBy("first_played_on", "track_id")
    numbered = first_plays.withColumn("tracks_so_far", F.row_number().over(in_order))
    with_total = numbered.join(dim_album.select("album_id", "total_tracks"), "album_id")
    return (
        with_total.groupBy("listener_id", "album_id", "total_tracks")
        .agg(
            F.count("*").alias("tracks_played"),
            F.min("first_played_on").alias("first_played_on"),
            F.min(F.when(F.col("tracks_so_far") == F.col("total_tracks"), F.col("first_played_on"))).alias(
                "completed_on"
            ),
        )
        .withColumn("completion", share(F.least("tracks_played", "total_tracks"), F.col("total_tracks")))
    )
