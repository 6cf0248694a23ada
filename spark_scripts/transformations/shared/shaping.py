"""Steps that several transformations share. Each is a pure function of columns or DataFrames."""

from collections.abc import Sequence
from decimal import Decimal

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

SHARE_DIGITS = 8


def share(part: Column, whole: Column) -> Column:
    """Return part / whole as numeric(9,8), rounded half up; null if `whole` is null or 0.

    The division is in whole numbers, so the result is rounded only once.
    """
    units = F.call_function(
        "div",
        F.lit(2) * part.cast("bigint") * F.lit(10**SHARE_DIGITS) + whole.cast("bigint"),
        F.nullif(F.lit(2) * whole.cast("bigint"), F.lit(0).cast("bigint")),
    )
    return (units.cast("decimal(20,0)") * F.lit(Decimal(1).scaleb(-SHARE_DIGITS))).cast("decimal(9,8)")


def with_share(counts: DataFrame, count: str, of: Sequence[str]) -> DataFrame:
    """Add `share`: each row's `count` divided by the sum of `count` over the rows with equal values in the columns `of`."""
    whole = F.sum(count).over(Window.partitionBy(*of))
    return counts.withColumn("share", share(F.col(count), whole))


def month_of(day: str) -> Column:
    """Return the first day of a date's month, as column `month`."""
    return F.trunc(day, "month").alias("month")


def consecutive_days(plays: DataFrame, of: Sequence[str], day: str) -> DataFrame:
    """Return the longest possible runs of consecutive days with a play, for each combination of the columns `of`.

    One row per run: the columns `of`, started_on, ended_on, day_count, play_count.
    """
    days = plays.groupBy(*of, day).agg(F.count("*").alias("day_plays"))
    position = F.row_number().over(Window.partitionBy(*of).orderBy(day))
    return (
        days.withColumn("run", F.date_sub(F.col(day), position))  # The same date for all days of a run.
        .groupBy(*of, "run")
        .agg(
            F.min(day).alias("started_on"),
            F.max(day).alias("ended_on"),
            F.count("*").alias("day_count"),
            F.sum("day_plays").alias("play_count"),
        )
        .drop("run")
    )


def latest_use(uses: DataFrame, key: str, columns: Sequence[str]) -> DataFrame:
    """Return one row per key with the values of `columns` in its latest use.

    `columns[0]` is the name; uses that have one win over uses that do not. On a tie the smallest values win, compared by bytes, and
    null loses. A key without plays has a row of nulls.
    """
    order = F.struct(
        F.col(columns[0]).isNull().alias("is_nameless"),
        F.coalesce(-F.unix_micros("ended_at"), F.lit(0)).alias("age"),  # A use that is not a play comes last.
        *[field for name in columns for field in (F.col(name).isNull().alias(f"no_{name}"), F.col(name))],
    )
    # Grouping by the values first leaves far fewer rows to compare.
    latest_ends = uses.groupBy(key, *columns).agg(F.max("ended_at").alias("ended_at"))
    best = latest_ends.groupBy(key).agg(F.min(order).alias("best"))
    return best.select(key, *[F.col(f"best.{name}").alias(name) for name in columns])


def with_latest_end_before(plays: DataFrame) -> DataFrame:
    """Add `latest_end_before`: the latest end among the listener's earlier plays, null for the first play.

    Plays are ordered by start and end. The order of plays that are equal in both does not matter: all but the first of them start
    no later than the latest end.
    """
    before = (
        Window.partitionBy("listener_id").orderBy("started_at", "ended_at").rowsBetween(Window.unboundedPreceding, -1)
    )
    return plays.withColumn("latest_end_before", F.max("ended_at").over(before))


def distinct_count(column: str) -> Column:
    """Return the number of distinct values in a group, without null. For small groups: count_distinct would copy every row."""
    return F.size(F.collect_set(column))


def total_listened() -> Column:
    """Return the sum of listened_ms, counting an unknown length as 0."""
    return F.coalesce(F.sum("listened_ms"), F.lit(0))
