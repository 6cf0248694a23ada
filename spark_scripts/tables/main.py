"""Main as a load's DataFrames use it: read published rows, write candidates, and record what they replace."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_scripts.database import jdbc
from spark_scripts.database.connection import jdbc_options, transaction
from spark_scripts.database.copying import copy_rows
from spark_scripts.loads import candidates
from spark_scripts.tables.source import ids_within_limit

PUBLISHED_TRACK_IDS = "SELECT DISTINCT track_id FROM core.fct_play JOIN candidate.touched USING (listener_id)"
SCOPE_IDS = "SELECT id FROM candidate.touched_id WHERE kind = %(kind)s"


class Main:
    """Reads published rows and writes candidates."""

    def __init__(self, spark: SparkSession, url: str) -> None:
        self._spark = spark
        self._url = url
        self._options = jdbc_options(url)

    def read(self, query: str) -> DataFrame:
        """Return the rows of a SELECT."""
        return jdbc.read(self._spark, self._options, query)

    def write_candidate(self, frame: DataFrame, table: str, load_id: int) -> None:
        """Append the rows of a table to its candidate: exactly the columns of its DDL, with the load's number."""
        with transaction(self._url) as connection, connection.cursor() as cursor:
            columns = candidates.column_names(cursor, table)
        copy_rows(frame.withColumn("load_id", F.lit(load_id)), self._url, f"candidate.{table}", columns)

    def record_scope(self, kind: str) -> None:
        """Record which tracks, albums or artists the candidates replace. Call it when the candidates that it reads are written."""
        with transaction(self._url) as connection, connection.cursor() as cursor:
            candidates.record_scope(cursor, kind)

    def published_track_ids(self) -> list[str] | None:
        """Return the tracks that the load's listeners play in the published tables, None if they are too many to name."""
        with transaction(self._url) as connection, connection.cursor() as cursor:
            return ids_within_limit(cursor, PUBLISHED_TRACK_IDS, {})

    def scope_ids(self, kind: str) -> list[str] | None:
        """Return the tracks, albums or artists that the candidates replace, None if they are too many to name."""
        with transaction(self._url) as connection, connection.cursor() as cursor:
            return ids_within_limit(cursor, SCOPE_IDS, {"kind": kind})
