"""What is copied into PostgreSQL is there as it was: null, empty, quotes, breaks of lines, instants to the microsecond."""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spark_scripts.database.copying import LINES_A_READ, copy_in
from spark_scripts.errors import CopyFailed

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
PLACE = "public.copied"


@pytest.fixture
def copied(databases):
    """copied(frame, columns, types): the rows of a new table after the copy."""

    def copy(frame, **types):
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        with psycopg2.connect(databases.main_owner) as owner, owner.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {PLACE}; CREATE TABLE {PLACE} ({columns})")
        copy_in(frame, databases.main_owner, PLACE, list(types))
        with psycopg2.connect(databases.main_owner) as owner, owner.cursor() as cursor:
            cursor.execute(f"SET TIME ZONE 'Asia/Kolkata'; SELECT * FROM {PLACE} ORDER BY 1")
            return cursor.fetchall()

    return copy


def test_texts_of_any_kind_arrive_as_they_were(spark, copied):
    rows = [(n, text, text) for n, text in enumerate(TEXTS)]
    assert copied(spark.createDataFrame(rows, "n int, a string, b string"), n="int", a="text", b="text") == rows


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.none(), min_size=1))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_arrives_as_it_was(spark, copied, texts):
    rows = [(n, text, [text, '"', "a,b", ""] if text is not None else None) for n, text in enumerate(texts)]
    frame = spark.createDataFrame(rows, "n int, a string, list array<string>")
    assert copied(frame, n="int", a="text", list="text[]") == rows


def test_every_type_of_the_tables_arrives_as_it_was(spark, copied):
    instant = datetime(2026, 3, 29, 1, 30, 0, 123456, UTC)
    row = (2**62, True, Decimal("0.33333333"), date(1582, 10, 15), instant, [])
    frame = spark.createDataFrame([row], "a bigint, b boolean, c decimal(9,8), d date, e timestamp, f array<string>")
    types = {"a": "bigint", "b": "boolean", "c": "numeric(9,8)", "d": "date", "e": "timestamptz", "f": "text[]"}
    assert copied(frame, **types) == [row]


def test_rows_of_many_reads_and_partitions_arrive_once(spark, copied):
    count = 5 * LINES_A_READ + 1
    assert copied(spark.range(count).repartition(3), id="bigint") == [(n,) for n in range(count)]


def test_what_postgresql_refuses_stops_the_write_and_says_why(spark, copied):
    said = r"^public\.copied could not be written \(.*invalid input syntax for type integer"
    with pytest.raises(CopyFailed, match=said):
        copied(spark.createDataFrame([("x",)], "a string"), a="int")
