"""A listener's preferences by month, in several dimensions."""

from datetime import timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from spark_scripts.transformations.shared.platforms import platform_kind
from spark_scripts.transformations.shared.shaping import month_of, total_listened, with_share

SHORT_BELOW = timedelta(minutes=3)
MEDIUM_BELOW = timedelta(minutes=5)
SATURDAY = 6  # ISO weekday
MORNING, AFTERNOON, EVENING = 6, 12, 18  # first hours
UNKNOWN = "unknown"
MILLISECOND = timedelta(milliseconds=1)


def listening_preference(plays: DataFrame, dim_track: DataFrame, dim_album: DataFrame) -> DataFrame:
    """Return one row per listener, month, dimension and bucket with a counted play."""
    tracks = dim_track.select("track_id", "explicit", "duration_ms")
    albums = dim_album.select("album_id", F.year("release_date").cast("string").alias("release_year"))
    known = plays.join(tracks, "track_id", "left").join(albums, "album_id", "left")
    buckets = F.array(
        *[F.struct(F.lit(name).alias("dimension"), bucket.alias("bucket")) for name, bucket in dimensions().items()]
    )
    by_bucket = (
        known.select("listener_id", month_of("played_on"), "listened_ms", F.inline(buckets))
        .groupBy("listener_id", "month", "dimension", "bucket")
        .agg(F.count("*").alias("play_count"), total_listened().alias("listened_ms"))
    )
    return with_share(by_bucket, "play_count", of=["listener_id", "month", "dimension"])


def dimensions() -> dict[str, Column]:
    """Return the bucket of a play in each dimension."""
    return {
        "explicit": _flag("explicit", "explicit", "clean"),
        "duration": _duration(F.col("duration_ms")),
        "release_year": F.coalesce("release_year", F.lit(UNKNOWN)),
        "weekpart": F.when(F.col("iso_weekday") >= SATURDAY, "weekend").otherwise("weekday"),
        "daypart": _daypart(F.col("hour")),
        "season": _season(F.month("played_on")),
        "shuffle": _flag("shuffle", "on", "off"),
        "platform": platform_kind("platform"),
    }


def _flag(name: str, true: str, false: str) -> Column:
    return F.when(F.col(name).isNull(), UNKNOWN).when(F.col(name), true).otherwise(false)


def _duration(milliseconds: Column) -> Column:
    return (
        F.when(milliseconds.isNull(), UNKNOWN)
        .when(milliseconds < SHORT_BELOW // MILLISECOND, "short")
        .when(milliseconds < MEDIUM_BELOW // MILLISECOND, "medium")
        .otherwise("long")
    )


def _daypart(hour: Column) -> Column:
    return (
        F.when(hour < MORNING, "night")
        .when(hour < AFTERNOON, "morning")
        .when(hour < EVENING, "afternoon")
        .otherwise("evening")
    )


def _season(month: Column) -> Column:
    """Return the season of the northern hemisphere."""
    return (
        F.when(month.isin(12, 1, 2), "winter")
        .when(month.isin(3, 4, 5), "spring")
        .when(month.isin(6, 7, 8), "summer")
        .otherwise("autumn")
    )
