"""Albums that are played or contain a played track, with the catalog's values or else those of the latest play."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.identity import first_id
from spark_scripts.transformations.shared.shaping import latest_use


def dim_album(album_uses: DataFrame, catalog_album: DataFrame) -> DataFrame:
    """Return one row per album that a play or a track refers to."""
    latest = latest_use(album_uses, "album_id", ["album_title", "artist_id"])
    known = catalog_album.withColumn("known_artist_id", first_id("artist_ids"))
    return latest.join(known, "album_id", "left").select(
        "album_id",
        F.coalesce("title", "album_title").alias("title"),
        F.coalesce("known_artist_id", "artist_id").alias("artist_id"),
        "album_type", "total_tracks", "release_date", "release_precision", "label", "popularity", "image_url",
    )  # fmt: skip
