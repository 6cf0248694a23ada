"""Steps that several transformations share, each a pure function of columns or rows."""

from collections.abc import Sequence
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

SHARE_DIGITS = 8


def share(part: Column, whole: Column) -> Column:
    """part / whole as numeric(9,8), half up, in whole numbers so that nothing is rounded twice; null when whole is null or 0."""
    units = F.call_function(
        "div",
        F.lit(2) * part.cast("bigint") * F.lit(10**SHARE_DIGITS) + whole.cast("bigint"),
        F.nullif(F.lit(2) * whole.cast("bigint"), F.lit(0).cast("bigint")),
    )
    return (units.cast("decimal(20,0)") * F.lit(Decimal(1).scaleb(-SHARE_DIGITS))).cast("decimal(9,8)")


def with_share(counts: DataFrame, count: str, of: Sequence[str]) -> DataFrame:
    """Add `share`: what each row's `count` is of the sum over the rows that agree in `of`."""
    whole = F.sum(count).over(Window.partitionBy(*of))
    return counts.withColumn("share", share(F.col(count), whole))


def month_of(day: str) -> Column:
    """The first day of a date's month, as `month`."""
    return F.trunc(day, "month").alias("month")


def consecutive_days(plays: DataFrame, of: Sequence[str], day: str) -> DataFrame:
    """Maximal runs of consecutive days with a play, for each `of`: started_on, ended_on, day_count, play_count."""
    days = plays.groupBy(*of, day).agg(F.count("*").alias("day_plays"))
    place = F.row_number().over(Window.partitionBy(*of).orderBy(day))
    return (
        days.withColumn("run", F.date_sub(F.col(day), place))  # The same for every day of an unbroken run.
        .groupBy(*of, "run")
        .agg(
            F.min(day).alias("started_on"),
            F.max(day).alias("ended_on"),
            F.count("*").alias("day_count"),
            F.sum("day_plays").alias("play_count"),
        )
        .drop("run")
    )


def latest_use(uses: DataFrame, key: str, told: Sequence[str]) -> DataFrame:
    """One row a key with what its latest use told: of those that give a name at all, the smallest by bytes on a tie.

    `told[0]` is the name. Nulls lose a tie. A key that no play gives still has its row.
    """
    ranked = F.struct(
        F.col(told[0]).isNull().alias("is_nameless"),
        F.coalesce(-F.unix_micros("ended_at"), F.lit(0)).alias("age"),  # A use that is no play is older than all.
        *[field for name in told for field in (F.col(name).isNull().alias(f"no_{name}"), F.col(name))],
    )
    told_at = uses.groupBy(key, *told).agg(F.max("ended_at").alias("ended_at"))  # Far fewer, and cheap to find.
    best = told_at.groupBy(key).agg(F.min(ranked).alias("best"))
    return best.select(key, *[F.col(f"best.{name}").alias(name) for name in told])


def with_latest_end_before(plays: DataFrame) -> DataFrame:
    """Add `latest_end_before`: the latest end of the listener's plays that come before this one, null for the first.

    In order of start and end. Of plays that start and end alike any may come first: those after it begin before the latest end.
    """
    before = (
        Window.partitionBy("listener_id").orderBy("started_at", "ended_at").rowsBetween(Window.unboundedPreceding, -1)
    )
    return plays.withColumn("latest_end_before", F.max("ended_at").over(before))


def distinct(column: str) -> Column:
    """How many different values a group has, null aside. For groups that are small: count_distinct would copy every row."""
    return F.size(F.collect_set(column))


def total_listened() -> Column:
    """The sum of listened_ms, an unknown length as 0."""
    return F.coalesce(F.sum("listened_ms"), F.lit(0))
