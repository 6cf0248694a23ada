"""Every artist credited on a played track, in credit order."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def bridge_track_artist(dim_track: DataFrame, catalog_track: DataFrame) -> DataFrame:
    """Return one row per track and credit.

    A track without credits in the catalog has one row with the artist of its plays, or none if that artist is unknown.
    """
    credits = catalog_track.select("track_id", "artist_ids").where(F.size("artist_ids") > 0)
    artist_ids = F.coalesce("artist_ids", F.array("artist_id"))
    return (
        dim_track.select("track_id", "artist_id")
        .join(credits, "track_id", "left")
        .select("track_id", F.posexplode(artist_ids).alias("position", "artist_id"))
        .where(F.col("artist_id").isNotNull())
    )
