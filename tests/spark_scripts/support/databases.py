"""Migrated source and main databases for tests, and a way to fill source with a random world."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from tests.spark_scripts.support.oracle import World
from tests.spark_scripts.support.oracle_marts import Row, Table

ROOT = Path(__file__).parents[3]
# Columns that source requires and no transformation reads. Their value does not matter.
NORMALISED_NAMES = {
    "play": ("title_key", "artist_key", "album_key"), "catalog_track": ("title_key",), "catalog_album": ("title_key",),
    "catalog_artist": ("name_key",),
}  # fmt: skip


@dataclass(frozen=True)
class Databases:
    """The databases' URLs as their owner, and as the roles that a load uses."""

    source_owner: str
    main_owner: str

    @property
    def source(self) -> str:
        return _as_role(self.source_owner, "etl")

    @property
    def main(self) -> str:
        return _as_role(self.main_owner, "etl")

    def fill(self, world: World) -> None:
        """Replace the rows of source with those of a world."""
        with psycopg.connect(self.source_owner) as connection, connection.cursor() as cursor:
            cursor.execute("SET client_min_messages = error")
            cursor.execute(f"TRUNCATE {', '.join(f'raw.{name}' for name in world)} CASCADE")
            for name, rows in world.items():
                _insert(cursor, name, [row | dict.fromkeys(NORMALISED_NAMES.get(name, ()), "k") for row in rows])

    def empty_main(self) -> None:
        """Delete all rows of main."""
        with psycopg.connect(self.main_owner) as connection:
            [(tables,)] = connection.execute(
                "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables "
                "WHERE schemaname IN ('core', 'mart', 'audit', 'candidate')"
            ).fetchall()
            connection.execute(f"TRUNCATE {tables}")

    def execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Run a statement in main as its owner and return its rows."""
        with psycopg.connect(self.main_owner) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def gate(self, load_id: int) -> None:
        """Run the gate on a load, as it runs before every publish, and assert that it passes."""
        python = os.environ.get("GATE_PYTHON", str(ROOT / ".local/env/soda/bin/python"))
        done = subprocess.run(
            [python, "soda/gate.py", "load", str(load_id)],
            cwd=ROOT,
            env=os.environ | {"GATE_MAIN_DATABASE_URL": self.main_owner},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def published(self, table: str, key: list[str]) -> Table:
        """Return the rows of a published table by key, without load_id."""
        schema = "core" if table.startswith(("dim_", "fct_", "bridge_", "coverage")) else "mart"
        with psycopg.connect(self.main_owner, row_factory=dict_row) as connection:
            connection.execute("SET timezone = 'UTC'")
            found = connection.execute(f"SELECT * FROM {schema}.{table}").fetchall()
        rows = [{name: value for name, value in row.items() if name != "load_id"} for row in found]
        return {tuple(row[name] for name in key): row for row in rows}


def _insert(cursor: psycopg.Cursor[Any], table: str, rows: list[Row]) -> None:
    if rows:
        names = list(rows[0])
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier("raw", table), sql.SQL(", ").join(map(sql.Identifier, names))
        )
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row([row[name] for name in names])


def _as_role(url: str, role: str) -> str:
    return f"{url}?options={quote(f'-c role={role}')}"


def migrated(server_url: str) -> Iterator[Databases]:
    """Create and migrate databases on a server, and drop them at the end."""
    suffix = uuid.uuid4().hex[:8]
    urls = {}
    python = os.environ.get("MIGRATE_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
    try:
        for kind in ("source", "main"):
            name = f"spark_test_{kind}_{suffix}"
            urls[kind] = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
            _execute_on_server(server_url, f"CREATE DATABASE {name}")
            command = [python, "-m", "sql.migrate", kind, "--url", urls[kind]]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stderr
        yield Databases(urls["source"], urls["main"])
    finally:
        for kind in urls:
            _execute_on_server(server_url, f"DROP DATABASE IF EXISTS spark_test_{kind}_{suffix} WITH (FORCE)")


def _execute_on_server(url: str, statement: str) -> None:
    """Run a statement over a new connection, because a test may have restarted the server since the last one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
