"""Values copied into PostgreSQL are unchanged: null, empty texts, quotes, line breaks, timestamps to the microsecond."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from common.texts import LONGEST_TEXT
from spark_scripts.database.copying import LONGEST_LIST, copy_rows
from spark_scripts.errors import CopyFailed
from spark_scripts.tuning import LINES_PER_WRITE
from tests.spark_scripts.support.databases import Databases

TEXTS = [
    "",
    '"',
    'a "b"',
    "\\",
    "\\N",
    "\\.",
    "a\\",
    ",",
    "a\nb",
    "\r",
    "a\r\nb",
    "\t",
    " a ",
    "#a",
    "{a}",
    "NULL",
    "é 🎵",
    "\u2028",
    None,
]
TABLE = "public.copied"

Copy = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def copied(databases: Databases) -> Copy:
    """Return a function that copies a frame into a new table with columns of these types, and returns the table's rows."""

    def copy(frame: DataFrame, **types: str) -> list[tuple[Any, ...]]:
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        with psycopg.connect(databases.main_owner) as owner, owner.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {TABLE}; CREATE TABLE {TABLE} ({columns})")
        copy_rows(frame, databases.main_owner, TABLE, list(types))
        with psycopg.connect(databases.main_owner) as owner, owner.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'Asia/Kolkata'")
            return cursor.execute(f"SELECT * FROM {TABLE} ORDER BY 1").fetchall()

    return copy


def test_special_texts_are_copied_unchanged(spark: SparkSession, copied: Copy) -> None:
    rows = [(n, text, text) for n, text in enumerate(TEXTS)]
    assert copied(spark.createDataFrame(rows, "n int, a string, b string"), n="int", a="text", b="text") == rows


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.none(), min_size=1))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_copied_unchanged(spark: SparkSession, copied: Copy, texts: list[str | None]) -> None:
    rows = [(n, text, [text, '"', "a,b", ""] if text is not None else None) for n, text in enumerate(texts)]
    frame = spark.createDataFrame(rows, "n int, a string, list array<string>")
    assert copied(frame, n="int", a="text", list="text[]") == rows


def test_long_texts_and_lists_are_cut_by_characters(spark: SparkSession, copied: Copy) -> None:
    text = "\U0001f3b5" * LONGEST_TEXT
    rows = [(1, text + "x", [text + "x"] * (LONGEST_LIST + 1)), (2, text, [text] * LONGEST_LIST)]
    frame = spark.createDataFrame(rows, "n int, a string, list array<string>")
    found = copied(frame, n="int", a="text", list="text[]")
    assert found == [(n, text, [text] * LONGEST_LIST) for n in (1, 2)]


def test_every_column_type_is_copied_unchanged(spark: SparkSession, copied: Copy) -> None:
    instant = datetime(2026, 3, 29, 1, 30, 0, 123456, UTC)
    row: tuple[Any, ...] = (2**62, True, Decimal("0.33333333"), date(1582, 10, 15), instant, [])
    frame = spark.createDataFrame([row], "a bigint, b boolean, c decimal(9,8), d date, e timestamp, f array<string>")
    types = {"a": "bigint", "b": "boolean", "c": "numeric(9,8)", "d": "date", "e": "timestamptz", "f": "text[]"}
    assert copied(frame, **types) == [row]


def test_rows_of_many_writes_and_partitions_are_copied_once(spark: SparkSession, copied: Copy) -> None:
    count = 5 * LINES_PER_WRITE + 1
    assert copied(spark.range(count).repartition(3), id="bigint") == [(n,) for n in range(count)]


def test_error_names_the_table_and_postgresqls_reason(spark: SparkSession, copied: Copy) -> None:
    message = r"^Cannot write public\.copied \(.*invalid input syntax for type integer"
    with pytest.raises(CopyFailed, match=message):
        copied(spark.createDataFrame([("x",)], "a string"), a="int")
