"""One Spark session for the suite, frames from a few rows, and migrated databases."""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import Row

from spark_scripts.session import spark_session
from spark_scripts.settings import SparkSettings
from tests.spark_scripts.support import frames
from tests.spark_scripts.support.databases import Databases, migrated

JAR_HINT = "Set SPARK_JDBC_JAR to the PostgreSQL JDBC driver's jar: the transform reads and writes with it."
SERVER_HINT = "Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL: these tests make databases of their own there."


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    jar = os.environ.get("SPARK_JDBC_JAR") or pytest.fail(JAR_HINT)
    os.environ.setdefault(
        "JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1"
    )  # Many small plans: compiling them well costs more.
    os.environ["PYSPARK_PYTHON"] = sys.executable  # Executors copy with the driver's packages.
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    session = spark_session(
        SparkSettings(
            source_database_url=nowhere, etl_database_url=nowhere, spark_master="local[2]", spark_jdbc_jar=Path(jar)
        )
    )
    session.conf.set("spark.sql.shuffle.partitions", "2")
    yield session
    session.stop()


@pytest.fixture
def frame(spark: SparkSession) -> Callable[..., DataFrame]:
    """frame("fct_play", {"listener_id": "bob", ...}, ...): rows that a test gives in part; the rest is ordinary."""

    def build(table: str, *rows: dict[str, Any]) -> DataFrame:
        return frames.frame(spark, table, rows)

    return build


@pytest.fixture
def plays(frame: Callable[..., DataFrame]) -> Callable[..., DataFrame]:
    """plays("bob", {"2026-03-28": 2}): that many counted plays at noon of each local day."""

    def build(listener: str, days: dict[str, int], **same: Any) -> DataFrame:
        rows = [
            {"listener_id": listener, "ended_at": f"{day} 12:00:{n:02}", "played_on": day} | same
            for day, count in days.items()
            for n in range(count)
        ]
        return frame("fct_play", *rows)

    return build


@pytest.fixture
def rows() -> Callable[..., list[Any]]:
    """Sorted tuples of a frame's columns, days and instants as text."""

    def read(table: DataFrame, *columns: str) -> list[Any]:
        found = [tuple(_plain(value) for value in row) for row in table.select(*(columns or table.columns)).collect()]
        return sorted(found, key=str)

    return read


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f").rstrip("0").rstrip(".")
    if isinstance(value, date):
        return value.isoformat()
    return tuple(value) if isinstance(value, (list, Row)) else value


@pytest.fixture(scope="session")
def server_url() -> str:
    return os.environ.get("TEST_POSTGRES_URL") or pytest.fail(SERVER_HINT)


@pytest.fixture(scope="session")
def databases(server_url: str) -> Iterator[Databases]:
    """A migrated source and main, used with the rights of the roles that a load has."""
    yield from migrated(server_url)
