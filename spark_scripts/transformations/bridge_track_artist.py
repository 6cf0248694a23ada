"""Every artist credited on a played track, in credit order."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def bridge_track_artist(dim_track: DataFrame, catalog_track: DataFrame) -> DataFrame:
    """One row per track and credit. A track that the catalog does not know has its one known artist; without one, no row."""
    credits = catalog_track.select("track_id", "artist_ids").where(F.size("artist_ids") > 0)
    known = F.coalesce("artist_ids", F.array("artist_id"))
    return (
        dim_track.select("track_id", "artist_id")
        .join(credits, "track_id", "left")
        .select("track_id", F.posexplode(known).alias("position", "artist_id"))
        .where(F.col("artist_id").isNotNull())
    )
