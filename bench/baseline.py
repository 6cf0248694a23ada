"""The baseline of a rebuild: DuckDB computes the same tables.

It copies source to CSV files, runs the queries of `bench/sql`, and copies the results into empty tables with primary keys.
"""

import re
import tempfile
import time
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
from psycopg import sql

from bench.warehouse import APPLICATION, CORES, ROOT, Warehouse
from common.database import connect

QUERIES = Path(__file__).parent / "sql"
SHARE = Path(__file__).parent / "share.sql"
CHUNK = 1 << 20  # bytes
FROM = re.compile(r"\b(?:FROM|JOIN) (\w+)")
SOURCES = {
    "raw_listener": "raw.listener", "raw_coverage": "raw.coverage", "raw_play": "raw.play", "id_map": "raw.id_map",
    "catalog_track": "raw.catalog_track", "catalog_album": "raw.catalog_album", "catalog_artist": "raw.catalog_artist",
}  # fmt: skip
TYPES = {"text": "VARCHAR", "timestamp with time zone": "TIMESTAMPTZ", "text[]": "VARCHAR"}
UNUSED_COLUMNS = ("title_key", "artist_key", "album_key", "name_key", "fetched_at", "created_at", "version")


def tables_in_order(definitions: Path = ROOT / "sql" / "main", queries: Path = QUERIES) -> dict[str, tuple[str, ...]]:
    """Return the published tables by schema: core before mart, and each table after the tables of its schema that its query reads."""
    return {
        schema: _in_order({file.stem for file in (definitions / schema).glob("*.sql")}, queries)
        for schema in ("core", "mart")
    }


def _in_order(tables: set[str], queries: Path) -> tuple[str, ...]:
    inputs = {
        table: tables.intersection(FROM.findall((queries / f"{table}.sql").read_text())) for table in sorted(tables)
    }
    return tuple(TopologicalSorter(inputs).static_order())


TABLES = tables_in_order()


@dataclass(frozen=True)
class BaselineTimes:
    """Seconds of the three steps."""

    copy_out: float
    compute: float
    copy_in: float

    @property
    def seconds(self) -> float:
        return self.copy_out + self.compute + self.copy_in


def compute_baseline(warehouse: Warehouse) -> BaselineTimes:
    """Compute every table in the warehouse's `baseline` database. Its tables keep their keys and lose their other indexes."""
    _drop_other_indexes(warehouse.baseline)
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as duck:
        duck.execute(f"SET threads = {CORES}; SET TimeZone = 'UTC'; SET temp_directory = '{folder}'")
        started = time.monotonic()
        columns = _copy_out(warehouse.source, Path(folder))
        copied = time.monotonic()
        for name, types in columns.items():
            duck.execute(
                f"CREATE TABLE {name} AS SELECT {_select_list(types)} FROM read_csv('{folder}/{name}.csv', header = false, columns = {types})"
            )
        duck.execute(SHARE.read_text())
        for tables in TABLES.values():
            for table in tables:
                duck.execute(f"CREATE TABLE {table} AS {(QUERIES / f'{table}.sql').read_text()}")
        computed = time.monotonic()
        _copy_in(duck, warehouse.baseline, Path(folder))
        return BaselineTimes(copied - started, computed - copied, time.monotonic() - computed)


def _copy_out(source_url: str, folder: Path) -> dict[str, dict[str, str]]:
    """Write each table of source as a CSV file. Return its columns with their DuckDB types, by table."""
    columns = {}
    with connect(source_url, APPLICATION) as connection:
        for name, table in SOURCES.items():
            rows = connection.execute(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
                "WHERE attrelid = %s::regclass AND attnum > 0 AND attname <> ALL (%s) ORDER BY attnum",
                (table, list(UNUSED_COLUMNS)),
            ).fetchall()
            columns[name] = {column: TYPES.get(kind, kind.upper()) for column, kind in rows}
            statement = sql.SQL("COPY {} ({}) TO STDOUT (FORMAT csv)").format(
                sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns[name]))
            )
            with (folder / f"{name}.csv").open("wb") as out, connection.cursor().copy(statement) as copy:
                for data in copy:
                    out.write(data)
    return columns


def _select_list(types: dict[str, str]) -> str:
    """Return the select list that turns artist_ids, a PostgreSQL array of plain ids, into a list."""
    return "*" if "artist_ids" not in types else "* REPLACE (string_split(trim(artist_ids, '{}'), ',') AS artist_ids)"


def _copy_in(duck: duckdb.DuckDBPyConnection, url: str, folder: Path) -> None:
    with connect(url, APPLICATION) as connection:
        for schema, tables in TABLES.items():
            for table in tables:
                file = folder / f"out_{table}.csv"
                duck.execute(f"COPY (SELECT *, 1 AS load_id FROM {table}) TO '{file}' (HEADER false)")
                names = [column[0] for column in duck.execute(f"SELECT * FROM {table} LIMIT 0").description or ()]
                statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
                    sql.Identifier(schema, table), sql.SQL(", ").join(map(sql.Identifier, [*names, "load_id"]))
                )
                with file.open("rb") as rows, connection.cursor().copy(statement) as copy:
                    while data := rows.read(CHUNK):
                        copy.write(data)


def _drop_other_indexes(url: str) -> None:
    with connect(url, APPLICATION, autocommit=True) as connection:
        for (index,) in connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indrelid "
            "WHERE NOT indisprimary AND relnamespace IN ('core'::regnamespace, 'mart'::regnamespace)"
        ).fetchall():
            connection.execute(f"DROP INDEX {index}")


def differing_tables(warehouse: Warehouse) -> list[str]:
    """Return the tables whose rows differ between main and the baseline, `load_id` excepted, each with its row counts."""
    differing = []
    for schema, tables in TABLES.items():
        for table in tables:
            load, baseline = (_digest(url, schema, table) for url in (warehouse.main, warehouse.baseline))
            if load != baseline:
                differing.append(f"{schema}.{table} (load {load[0]} rows, DuckDB {baseline[0]})")
    return differing


def _digest(url: str, schema: str, table: str) -> tuple[object, ...]:
    """Return a table's row count and a hash of its rows that does not depend on their order."""
    with connect(url, APPLICATION) as connection:
        names = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attname <> 'load_id' ORDER BY attnum",
            (f"{schema}.{table}",),
        ).fetchall()
        query = sql.SQL("SELECT count(*), sum(hashtextextended(ROW({})::text, 0)::numeric) FROM {}").format(
            sql.SQL(", ").join(sql.Identifier(name) for (name,) in names), sql.Identifier(schema, table)
        )
        return connection.execute(query).fetchone() or ()
