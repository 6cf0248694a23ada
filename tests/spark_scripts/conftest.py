"""Fixtures: one Spark session for the suite, DataFrames from a few rows, and migrated databases."""

import os
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import Row

from spark_scripts.session import spark_session
from spark_scripts.settings import SparkSettings
from tests.spark_scripts.support import frames
from tests.spark_scripts.support.databases import Databases, migrated
from tests.spark_scripts.support.servers import QUICK_JAVA

JAR_HINT = "Set SPARK_JDBC_JAR to the jar of the PostgreSQL JDBC driver. The transform reads with it."
SERVER_HINT = "Set TEST_POSTGRES_URL to the URL of a PostgreSQL superuser. These tests create databases on that server."


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    jar = os.environ.get("SPARK_JDBC_JAR") or pytest.fail(JAR_HINT)
    for name, options in QUICK_JAVA.items():
        os.environ.setdefault(name, options)
    os.environ["PYSPARK_PYTHON"] = sys.executable  # Executors need psycopg too.
    unused = SecretStr("postgresql://nobody@127.0.0.1:1/none")
    session = spark_session(
        SparkSettings(
            source_database_url=unused,
            etl_database_url=unused,
            spark_master="local[2]",
            spark_jdbc_jar=Path(jar),
            spark_auth_secret=None,
        )
    )
    session.conf.set("spark.sql.shuffle.partitions", "2")
    yield session
    session.stop()


@pytest.fixture
def frame(spark: SparkSession) -> Callable[..., DataFrame]:
    """Return a function that builds a frame: frame("fct_play", {"listener_id": "bob"}, ...). Other columns have defaults."""

    def build(table: str, *rows: dict[str, Any]) -> DataFrame:
        return frames.frame(spark, table, rows)

    return build


@pytest.fixture
def plays(frame: Callable[..., DataFrame]) -> Callable[..., DataFrame]:
    """Return a function that builds counted plays at noon: plays("bob", {"2026-03-28": 2}) makes two on that local day."""

    def build(listener: str, days: dict[str, int], **columns: Any) -> DataFrame:
        rows = [
            {"listener_id": listener, "ended_at": f"{day} 12:00:{n:02}", "played_on": day} | columns
            for day, count in days.items()
            for n in range(count)
        ]
        return frame("fct_play", *rows)

    return build


@pytest.fixture
def rows() -> Callable[..., list[Any]]:
    """Return a function that reads a frame's rows as sorted tuples, with dates and timestamps as text."""

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
    """Return a migrated source and main with the roles that a load uses."""
    yield from migrated(server_url)
