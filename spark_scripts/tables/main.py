"""Main seen from Spark: what is published, and the candidates to write."""

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_scripts.database import jdbc
from spark_scripts.database.connection import connected, jdbc_options
from spark_scripts.database.copying import copy_in
from spark_scripts.loads import candidates
from spark_scripts.tables.source import few

PUBLISHED_TRACKS = "SELECT DISTINCT track_id FROM core.fct_play JOIN candidate.touched USING (listener_id)"
REPLACED = "SELECT id FROM candidate.touched_id WHERE kind = %(kind)s"


class Main:
    """Reads what is published; appends candidates; finds what they replace."""

    def __init__(self, spark: SparkSession, url: str) -> None:
        self._spark = spark
        self._url = url
        self._options = jdbc_options(url)

    def read(self, query: str) -> DataFrame:
        """The rows of a SELECT."""
        return jdbc.read(self._spark, self._options, query)

    def write_candidate(self, frame: DataFrame, table: str, load_id: int) -> None:
        """Append a table's rows to its candidate: exactly the columns that its DDL lists."""
        with connected(self._url) as connection, connection.cursor() as cursor:
            columns = candidates.columns(cursor, table)
        copy_in(frame.withColumn("load_id", F.lit(load_id)), self._url, f"candidate.{table}", columns)

    def find_scope(self, kind: str) -> None:
        """Write down which tracks, albums or artists the candidates replace, once those they follow from are written."""
        with connected(self._url) as connection, connection.cursor() as cursor:
            candidates.find_scope(cursor, kind)

    def published_tracks(self) -> list[str] | None:
        """What the listeners of the load have played as it is published; None where that is much."""
        with connected(self._url) as connection, connection.cursor() as cursor:
            return few(cursor, PUBLISHED_TRACKS, {})

    def replaced(self, kind: str) -> list[str] | None:
        """The tracks, albums or artists in the scope that was found; None where they are many."""
        with connected(self._url) as connection, connection.cursor() as cursor:
            return few(cursor, REPLACED, {"kind": kind})
