"""Main seen from Spark: what is published, and the candidates to write."""

from pyspark.sql import DataFrame, SparkSession

from spark_scripts import candidates, jdbc
from spark_scripts.database import connected, jdbc_options


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
        """Append a table's rows to its candidate."""
        jdbc.write_candidate(frame, self._options, table, load_id)

    def find_scope(self, kind: str) -> None:
        """Write down which tracks, albums or artists the candidates replace, once those they follow from are written."""
        with connected(self._url) as connection, connection.cursor() as cursor:
            candidates.find_scope(cursor, kind)
