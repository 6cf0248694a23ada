"""The baseline computes every published table."""

from bench.baseline import QUERIES, TABLES
from bench.warehouse import ROOT


def test_baseline_computes_every_published_table() -> None:
    published = {schema: {file.stem for file in (ROOT / "sql/main" / schema).glob("*.sql")} for schema in TABLES}

    assert {schema: set(tables) for schema, tables in TABLES.items()} == published


def test_every_query_belongs_to_a_table_of_the_baseline() -> None:
    assert {file.stem for file in QUERIES.glob("*.sql")} == {table for tables in TABLES.values() for table in tables}


def test_every_query_starts_with_its_grain() -> None:
    assert all(file.read_text().startswith("-- Grain: one row per ") for file in QUERIES.glob("*.sql"))
