"""The popularity of the tracks that a listener plays, by month."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.shaping import month_of, with_share

BRACKET_WIDTH = 10  # points of popularity
HIGHEST_BRACKET = 9  # also contains 100
UNKNOWN = -1


def popularity_distribution(plays: DataFrame, dim_track: DataFrame) -> DataFrame:
    """Return one row per listener, month and bracket with a counted play."""
    known = plays.join(dim_track.select("track_id", "popularity"), "track_id", "left")
    counts = known.groupBy("listener_id", month_of("played_on"), bracket("popularity").alias("popularity_bracket")).agg(
        F.count("*").alias("play_count")
    )
    return with_share(counts, "play_count", of=["listener_id", "month"])


def bracket(popularity: str) -> Column:
    """Return the bracket of a popularity between 0 and 100, UNKNOWN for null."""
    tenth = F.call_function("div", F.col(popularity), F.lit(BRACKET_WIDTH))
    return F.when(F.col(popularity).isNull(), UNKNOWN).otherwise(F.least(tenth, F.lit(HIGHEST_BRACKET)))
