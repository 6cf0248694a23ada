"""Played tracks, episodes and chapters, with the catalog's values or else those of the latest play."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.identity import first_id
from spark_scripts.transformations.shared.shaping import latest_use


def dim_track(track_uses: DataFrame, catalog_track: DataFrame) -> DataFrame:
    """Return one row per track that a play refers to."""
    latest = latest_use(track_uses, "track_id", ["track_title", "artist_id", "album_id"])
    known = catalog_track.withColumns({"known_artist_id": first_id("artist_ids"), "known_album_id": F.col("album_id")})
    return latest.join(known.drop("album_id"), "track_id", "left").select(
        "track_id",
        F.coalesce("title", "track_title").alias("title"),
        F.coalesce("known_artist_id", "artist_id").alias("artist_id"),
        F.coalesce("known_album_id", "album_id").alias("album_id"),
        "duration_ms", "explicit", "popularity", "isrc", "track_number", "disc_number",
    )  # fmt: skip
