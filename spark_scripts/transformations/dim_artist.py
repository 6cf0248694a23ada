"""Artists of plays, tracks, credits and albums, with the catalog's values or else the name from the latest play."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import latest_use


def dim_artist(artist_uses: DataFrame, catalog_artist: DataFrame) -> DataFrame:
    """Return one row per artist that a play, a track, a credit or an album refers to."""
    latest = latest_use(artist_uses, "artist_id", ["artist_name"])
    return latest.join(catalog_artist, "artist_id", "left").select(
        "artist_id",
        F.coalesce("name", "artist_name").alias("name"),
        "popularity", "followers", "genres", "image_url",
    )  # fmt: skip
