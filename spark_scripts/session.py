"""The Spark session of a load: small by default, the same settings on a laptop and on a cluster."""

from pathlib import Path
from typing import Any

from pyspark.errors import DateTimeException
from pyspark.sql import DataFrame, SparkSession

from spark_scripts.settings import SparkSettings

LOCALHOST = "127.0.0.1"
LEAST_PARTITIONS = 2
PLAYS_A_PARTITION = 100_000  # on average: a listener's plays are not parted
PLAYS_WORTH_CODE = 100_000  # Fewer are computed sooner than the code for them is generated and compiled.
PLAN_TEXT = 10_000  # characters: the driver keeps the text of plans, and is to stay small


def spark_session(settings: SparkSettings) -> SparkSession:
    """A session on SPARK_MASTER that thinks in UTC and knows PostgreSQL."""
    builder = (
        SparkSession.builder.appName("spotify_analysis_etl")
        .master(settings.spark_master)
        .config("spark.jars", str(settings.spark_jdbc_jar))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.executor.extraJavaOptions", "-Duser.timezone=UTC")
        .config("spark.executorEnv.SERVICE_NAME", "spark-executor")  # In its log; the worker's otherwise.
        .config("spark.sql.adaptive.enabled", "true")
        # Sets of tracks and artists: sorting all plays instead, as it would from 128 groups on, takes longer than holding them.
        .config("spark.sql.objectHashAggregate.sortBased.fallbackThreshold", str(PLAYS_A_PARTITION))
        # Looking for repeated values takes longer than the bytes that it saves.
        .config("spark.sql.inMemoryColumnarStorage.compressed", "false")
        # Adaptive execution describes its plans for the UI's events; those of a whole load would fill the heap.
        .config("spark.sql.maxPlanStringLength", str(PLAN_TEXT))
        .config("spark.sql.ui.retainedExecutions", "1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
    )
    if settings.spark_master.startswith("local") or LOCALHOST in settings.spark_master:
        builder = builder.config("spark.driver.host", LOCALHOST).config("spark.driver.bindAddress", LOCALHOST)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    _give_driver_to_this_jvm(spark, settings.spark_jdbc_jar)
    _think_in_utc(spark)
    return spark


def by_listener(plays: DataFrame, play_count: int) -> DataFrame:
    """The plays, each listener's together: what is grouped or ordered by listener and more need not move them again."""
    return plays.repartition(partitions(play_count), "listener_id")


def fit_to(spark: SparkSession, play_count: int) -> None:
    """As many shuffle partitions as keep each one bounded, unless a single listener has more; code of its own for each plan if it pays."""
    spark.conf.set("spark.sql.shuffle.partitions", str(partitions(play_count)))
    pays = play_count > PLAYS_WORTH_CODE
    spark.conf.set("spark.sql.codegen.wholeStage", str(pays).lower())
    spark.conf.set("spark.sql.codegen.factoryMode", "FALLBACK" if pays else "NO_CODEGEN")


def partitions(play_count: int) -> int:
    """Into how many parts so many plays go."""
    return max(LEAST_PARTITIONS, -(-play_count // PLAYS_A_PARTITION))


def knows_zone(spark: SparkSession, zone: str) -> bool:
    """Whether this Java can tell local time in the zone, old short names included."""
    zones = _jvm(spark).java.time.ZoneId
    try:
        zones.of(zone, zones.SHORT_IDS)
    except DateTimeException:
        return False
    return True


def _give_driver_to_this_jvm(spark: SparkSession, jar: Path) -> None:
    """Under spark-submit this JVM is older than `spark.jars`, which then reaches the executors only."""
    jvm = _jvm(spark)
    url = jvm.java.io.File(str(jar)).toURI().toURL()
    jvm.org.apache.spark.util.Utils.getContextOrSparkClassLoader().addURL(url)


def _think_in_utc(spark: SparkSession) -> None:
    """JDBC dates pass through this JVM's default zone, and some zones skip whole days."""
    jvm = _jvm(spark)
    jvm.java.util.TimeZone.setDefault(jvm.java.util.TimeZone.getTimeZone("UTC"))


def _jvm(spark: SparkSession) -> Any:
    """The driver's Java, whose classes have no types here."""
    return spark.sparkContext._jvm
