"""What the measure makes."""

from bench.measure import QUERIES, TABLES
from bench.warehouse import ROOT


def test_every_published_table_is_made():
    published = {schema: {file.stem for file in (ROOT / "sql/main" / schema).glob("*.sql")} for schema in TABLES}

    assert {schema: set(tables) for schema, tables in TABLES.items()} == published


def test_every_query_is_of_a_table_that_is_made():
    assert {file.stem for file in QUERIES.glob("*.sql")} == {table for tables in TABLES.values() for table in tables}


def test_a_query_opens_with_its_grain():
    assert all(file.read_text().startswith("-- Grain: one row per ") for file in QUERIES.glob("*.sql"))
