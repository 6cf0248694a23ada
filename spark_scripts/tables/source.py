"""Read source from one exported snapshot, over any number of connections."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from psycopg import sql
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_scripts.database import jdbc
from spark_scripts.database.connection import Cursor, jdbc_options, transaction
from spark_scripts.loads.listener_versions import source_versions
from spark_scripts.tuning import (
    IDS_PER_READ,
    IDS_TO_LOOK_UP,
    LISTENERS_PER_READ,
    PLAYS_PER_READ,
    PLAYS_TO_SEARCH_FOR_IDS,
    ROWS_TO_BROADCAST,
)


class Source:
    """The rows of source in one snapshot. The transaction must stay open until Spark has read everything."""

    def __init__(self, spark: SparkSession, url: str, cursor: Cursor) -> None:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")  # This transaction waits while Spark works.
        cursor.execute("SELECT pg_export_snapshot()")
        [(snapshot,)] = cursor.fetchall()
        self._spark = spark
        self._cursor = cursor
        self._options = jdbc_options(url, snapshot)

    def versions(self) -> dict[str, int]:
        """Return every listener with its version."""
        return source_versions(self._cursor)

    def time_zones(self, listeners: Sequence[str]) -> dict[str, str]:
        """Return the time zone of each of these listeners."""
        self._cursor.execute(
            "SELECT listener_id, time_zone FROM raw.listener WHERE listener_id = ANY(%s)", (list(listeners),)
        )
        return dict(self._cursor.fetchall())

    def play_counts(self, listeners: Sequence[str]) -> dict[str, int]:
        """Return the number of plays of each of these listeners, 0 for one without plays."""
        self._cursor.execute(
            "SELECT listener_id, count(*) FROM raw.play WHERE listener_id = ANY(%s) GROUP BY listener_id",
            (list(listeners),),
        )
        return dict.fromkeys(listeners, 0) | dict(self._cursor.fetchall())

    def listener_conditions(self, play_counts: dict[str, int]) -> list[str]:
        """Return SQL conditions that split these listeners into groups with a bounded number of plays."""
        return [self._is_any("listener_id", group) for group in listener_groups(play_counts)]

    def read_by_listener(self, table: str, conditions: Sequence[str]) -> DataFrame:
        """Return the rows of a table that meet the conditions on listeners, one partition per condition."""
        return jdbc.read(self._spark, self._options, f"SELECT * FROM {table}", conditions)

    def find_ids(self, query: str, play_counts: dict[str, int]) -> list[str] | None:
        """Return the ids that a query selects for %(listeners)s.

        None if the plays are too many to search or the ids too many to name.
        """
        if sum(play_counts.values()) > PLAYS_TO_SEARCH_FOR_IDS:
            return None
        return ids_within_limit(self._cursor, query, {"listeners": list(play_counts)})

    def lookup(self, table: str, key: str, ids: Sequence[str] | None) -> DataFrame:
        """Return at least the rows of a table whose key is in `ids`; the whole table if `ids` is None."""
        if ids is None:
            rows = jdbc.read(self._spark, self._options, f"SELECT * FROM {table}")
            self._cursor.execute(f"SELECT count(*) FROM {table}")
            [(count,)] = self._cursor.fetchall()
            return F.broadcast(rows) if count <= ROWS_TO_BROADCAST else rows
        lists = [ids[start : start + IDS_PER_READ] for start in range(0, len(ids), IDS_PER_READ)]
        # The ids are conditions on partitions, because Spark repeats a query's text in every plan that uses its rows.
        conditions = [self._is_any(key, ids) for ids in lists]
        return F.broadcast(jdbc.read(self._spark, self._options, f"SELECT * FROM {table}", conditions))

    def _is_any(self, column: str, values: Sequence[str]) -> str:
        """Return the condition that a text column equals one of `values`, which psycopg quotes."""
        return f"{column} = ANY({sql.Literal(list(values)).as_string(self._cursor)}::text[])"


@contextmanager
def open_source(spark: SparkSession, url: str) -> Iterator[Source]:
    """Open a snapshot of source that lasts as long as the block."""
    with transaction(url, repeatable_read=True) as connection, connection.cursor() as cursor:
        yield Source(spark, url, cursor)


def ids_within_limit(cursor: Cursor, query: str, parameters: Mapping[str, object]) -> list[str] | None:
    """Return the ids that a query selects, None if they are more than IDS_TO_LOOK_UP."""
    cursor.execute(f"SELECT * FROM ({query}) AS ids LIMIT {IDS_TO_LOOK_UP + 1}", parameters)
    ids = [row[0] for row in cursor.fetchall()]
    return ids if len(ids) <= IDS_TO_LOOK_UP else None


def listener_groups(play_counts: dict[str, int]) -> Iterator[list[str]]:
    """Yield groups of whole listeners, each of at most PLAYS_PER_READ plays and LISTENERS_PER_READ listeners.

    A listener with more plays is a group of its own.
    """
    group: list[str] = []
    plays = 0
    for listener, count in sorted(play_counts.items()):
        if group and (plays + count > PLAYS_PER_READ or len(group) == LISTENERS_PER_READ):
            yield group
            group, plays = [], 0
        group.append(listener)
        plays += count
    if group:
        yield group
