"""Reading source as one exported snapshot sees it, however many connections read at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from psycopg2.extensions import cursor as Cursor
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from spark_scripts.database import jdbc
from spark_scripts.database.connection import connected, jdbc_options
from spark_scripts.loads.listener_versions import versions_in_source
from spark_scripts.tables.lineage import ROWS_TO_BROADCAST

PLAYS_A_GROUP = 100_000  # plays that one partition reads, unless a single listener has more
LISTENERS_A_GROUP = 1_000
PLAYS_ASKED_FOR_IDS = 500_000  # plays whose ids PostgreSQL is asked for; those of more are not few
IDS_IN_A_LIST = 20_000  # ids looked up by name; more of them read the table whole
IDS_A_GROUP = 5_000  # of them, those that one partition asks for


class Source:
    """The rows of source in one snapshot. Keep it open until Spark has read all it needs."""

    def __init__(self, spark: SparkSession, url: str, cursor: Cursor) -> None:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")  # Spark works while this transaction waits.
        cursor.execute("SELECT pg_export_snapshot()")
        self._spark = spark
        self._cursor = cursor
        self._options = jdbc_options(url, snapshot=cursor.fetchone()[0])

    def versions(self) -> dict[str, int]:
        """Every listener with its version."""
        return versions_in_source(self._cursor)

    def zones(self, listeners: Sequence[str]) -> dict[str, str]:
        """Each of these listeners' time zone."""
        self._cursor.execute(
            "SELECT listener_id, time_zone FROM raw.listener WHERE listener_id = ANY(%s)", (listeners,)
        )
        return dict(self._cursor.fetchall())

    def play_counts(self, listeners: Sequence[str]) -> dict[str, int]:
        """How many plays each of these listeners has; a listener without plays is there with 0."""
        self._cursor.execute(
            "SELECT listener_id, count(*) FROM raw.play WHERE listener_id = ANY(%s) GROUP BY listener_id", (listeners,)
        )
        return dict.fromkeys(listeners, 0) | dict(self._cursor.fetchall())

    def groups(self, play_counts: dict[str, int]) -> list[str]:
        """Conditions that split these listeners into groups of a bounded number of plays."""
        return [self._among("listener_id", group) for group in grouped(play_counts)]

    def of_listeners(self, table: str, groups: Sequence[str]) -> DataFrame:
        """The rows of a table that belong to the listeners of `groups`, one partition a group."""
        return jdbc.read(self._spark, self._options, f"SELECT * FROM {table}", groups)

    def few_ids(self, query: str, play_counts: dict[str, int]) -> list[str] | None:
        """The ids that a query finds for %(listeners)s; None where they are too many to be named, or their plays to be asked."""
        if sum(play_counts.values()) > PLAYS_ASKED_FOR_IDS:
            return None
        return few(self._cursor, query, {"listeners": list(play_counts)})

    def lookup(self, table: str, key: str, ids: Sequence[str] | None) -> DataFrame:
        """At least the rows of a table whose key is among `ids`: the whole table where None says that those are many."""
        if ids is None:
            rows = jdbc.read(self._spark, self._options, f"SELECT * FROM {table}")
            self._cursor.execute(f"SELECT count(*) FROM {table}")
            return F.broadcast(rows) if self._cursor.fetchone()[0] <= ROWS_TO_BROADCAST else rows
        lists = [ids[start : start + IDS_A_GROUP] for start in range(0, len(ids), IDS_A_GROUP)]
        # As conditions on partitions and not in the query: Spark copies a query into the text of every plan over it.
        return F.broadcast(
            jdbc.read(self._spark, self._options, f"SELECT * FROM {table}", [self._among(key, ids) for ids in lists])
        )

    def _among(self, column: str, values: Sequence[str]) -> str:
        """The condition that a text column is one of `values`, which are quoted by the PostgreSQL client."""
        condition: bytes = self._cursor.mogrify(f"{column} = ANY(%s::text[])", (list(values),))
        return condition.decode()


@contextmanager
def open_source(spark: SparkSession, url: str) -> Iterator[Source]:
    """Source as it is now, standing still for as long as the block lasts."""
    with connected(url, repeatable_read=True) as connection, connection.cursor() as cursor:
        yield Source(spark, url, cursor)


def few(cursor: Cursor, query: str, values: Mapping[str, object]) -> list[str] | None:
    """The ids that a query finds, IDS_IN_A_LIST at most; None where there are more."""
    cursor.execute(f"SELECT * FROM ({query}) AS ids LIMIT {IDS_IN_A_LIST + 1}", values)
    ids = [row[0] for row in cursor.fetchall()]
    return ids if len(ids) <= IDS_IN_A_LIST else None


def grouped(play_counts: dict[str, int]) -> Iterator[list[str]]:
    """Listeners in groups of at most PLAYS_A_GROUP plays and LISTENERS_A_GROUP listeners; each whole in one group."""
    group: list[str] = []
    plays = 0
    for listener, count in sorted(play_counts.items()):
        if group and (plays + count > PLAYS_A_GROUP or len(group) == LISTENERS_A_GROUP):
            yield group
            group, plays = [], 0
        group.append(listener)
        plays += count
    if group:
        yield group
