"""What the measure makes."""

from bench.measure import QUERIES, TABLES
from bench.warehouse import ROOT


def test_every_query_is_of_a_published_table_and_is_made():
    defined = {schema: {file.stem for file in (ROOT / "sql/main" / schema).glob("*.sql")} for schema in TABLES}

    assert all(set(tables) <= defined[schema] for schema, tables in TABLES.items())
    assert {file.stem for file in QUERIES.glob("*.sql")} == {table for tables in TABLES.values() for table in tables}


def test_a_query_opens_with_its_grain():
    assert all(file.read_text().startswith("-- Grain: one row per ") for file in QUERIES.glob("*.sql"))
