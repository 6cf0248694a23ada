"""The Spark session of a load, with the same settings on a laptop and on a cluster."""

from pathlib import Path
from typing import Any

from pyspark.errors import DateTimeException
from pyspark.sql import DataFrame, SparkSession

from spark_scripts.settings import SparkSettings
from spark_scripts.tuning import MIN_PARTITIONS, MIN_PLAYS_FOR_CODEGEN, PLAYS_PER_PARTITION, SPARK_SETTINGS

LOCALHOST = "127.0.0.1"


def spark_session(settings: SparkSettings) -> SparkSession:
    """Start a session on SPARK_MASTER that uses UTC and has PostgreSQL's JDBC driver."""
    builder = (
        SparkSession.builder.appName("spotify_analysis_etl")
        .master(settings.spark_master)
        .config("spark.jars", str(settings.spark_jdbc_jar))
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.executor.extraJavaOptions", "-Duser.timezone=UTC")
        .config("spark.executorEnv.SERVICE_NAME", "spark-executor")  # Else executors log as the worker.
        .config(map=SPARK_SETTINGS)
    )
    if settings.spark_auth_secret:
        # Set here, not as an option of spark-submit: other users of the machine can read command lines.
        secret = settings.spark_auth_secret.get_secret_value()
        builder = builder.config("spark.authenticate", "true").config("spark.authenticate.secret", secret)
    if settings.spark_master.startswith("local") or LOCALHOST in settings.spark_master:
        builder = builder.config("spark.driver.host", LOCALHOST).config("spark.driver.bindAddress", LOCALHOST)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    _add_jdbc_driver(spark, settings.spark_jdbc_jar)
    _set_jvm_time_zone(spark)
    return spark


def partition_by_listener(plays: DataFrame, play_count: int) -> DataFrame:
    """Put the plays of each listener into one partition, so that grouping or sorting within a listener needs no shuffle."""
    return plays.repartition(partition_count(play_count), "listener_id")


def adapt_to_size(spark: SparkSession, play_count: int) -> None:
    """Set the number of shuffle partitions, and whether Spark generates code, for a load of this many plays."""
    spark.conf.set("spark.sql.shuffle.partitions", str(partition_count(play_count)))
    generates_code = play_count > MIN_PLAYS_FOR_CODEGEN
    spark.conf.set("spark.sql.codegen.wholeStage", str(generates_code).lower())
    spark.conf.set("spark.sql.codegen.factoryMode", "FALLBACK" if generates_code else "NO_CODEGEN")


def partition_count(play_count: int) -> int:
    """Return the number of partitions for this many plays."""
    return max(MIN_PARTITIONS, -(-play_count // PLAYS_PER_PARTITION))


def supports_time_zone(spark: SparkSession, zone: str) -> bool:
    """Return whether this Java knows the time zone, including old short names."""
    zones = _jvm(spark).java.time.ZoneId
    try:
        zones.of(zone, zones.SHORT_IDS)
    except DateTimeException:
        return False
    return True


def _add_jdbc_driver(spark: SparkSession, jar: Path) -> None:
    """Load the JDBC driver in this JVM. spark-submit starts the JVM before `spark.jars` is set, so that reaches only executors."""
    jvm = _jvm(spark)
    url = jvm.java.io.File(str(jar)).toURI().toURL()
    jvm.org.apache.spark.util.Utils.getContextOrSparkClassLoader().addURL(url)


def _set_jvm_time_zone(spark: SparkSession) -> None:
    """Set the driver's JVM to UTC. JDBC converts dates in the JVM's default zone, and some zones skip whole days."""
    jvm = _jvm(spark)
    jvm.java.util.TimeZone.setDefault(jvm.java.util.TimeZone.getTimeZone("UTC"))


def _jvm(spark: SparkSession) -> Any:
    """Return the driver's JVM; its classes have no Python types."""
    return spark.sparkContext._jvm
