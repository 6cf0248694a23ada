"""How much of each album a listener has heard, and the day on which it was complete."""

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import share


def album_completion(plays: DataFrame, dim_album: DataFrame) -> DataFrame:
    """One row per listener and album with a counted play."""
    first_heard = (
        plays.where(F.col("album_id").isNotNull())
        .groupBy("listener_id", "album_id", "track_id")
        .agg(F.min("played_on").alias("heard_on"))
    )
    in_order = Window.partitionBy("listener_id", "album_id").orderBy("heard_on", "track_id")
    heard = first_heard.withColumn("heard_so_far", F.row_number().over(in_order))
    with_total = heard.join(dim_album.select("album_id", "total_tracks"), "album_id")
    return (
        with_total.groupBy("listener_id", "album_id", "total_tracks")
        .agg(
            F.count("*").alias("tracks_played"),
            F.min("heard_on").alias("first_played_on"),
            F.min(F.when(F.col("heard_so_far") == F.col("total_tracks"), F.col("heard_on"))).alias("completed_on"),
        )
        .withColumn("completion", share(F.least("tracks_played", "total_tracks"), F.col("total_tracks")))
    )
