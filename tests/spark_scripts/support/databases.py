"""A source filled with a made-up world, and a main to load it into."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
import psycopg2.extras

from tests.spark_scripts.support.oracle import Row, Table, World

ROOT = Path(__file__).parents[3]
KEYS = {
    "play": ("title_key", "artist_key", "album_key"), "catalog_track": ("title_key",), "catalog_album": ("title_key",),
    "catalog_artist": ("name_key",),
}  # fmt: skip


@dataclass(frozen=True)
class Databases:
    """The owner's URLs, and those that a load uses."""

    source_owner: str
    main_owner: str

    @property
    def source(self) -> str:
        return _as_role(self.source_owner, "reader")

    @property
    def main(self) -> str:
        return _as_role(self.main_owner, "etl")

    def fill(self, world: World) -> None:
        """Make source hold this world and nothing else."""
        with psycopg2.connect(self.source_owner) as connection, connection.cursor() as cursor:
            cursor.execute("SET client_min_messages = error")
            cursor.execute(f"TRUNCATE {', '.join(f'raw.{name}' for name in world)} CASCADE")
            for name, rows in world.items():
                _insert(cursor, name, [row | dict.fromkeys(KEYS.get(name, ()), "k") for row in rows])

    def forget_main(self) -> None:
        """Empty main."""
        with psycopg2.connect(self.main_owner) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables "
                "WHERE schemaname IN ('core', 'mart', 'audit', 'candidate')"
            )
            cursor.execute(f"TRUNCATE {cursor.fetchone()[0]}")

    def execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """A statement in main, as its owner."""
        with psycopg2.connect(self.main_owner) as connection, connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def gate(self, load_id: int) -> None:
        """Let the gate judge the load, as it does before every publish; it must pass."""
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
        """The rows of a published table by key, without load_id."""
        schema = "core" if table.startswith(("dim_", "fct_", "bridge_", "coverage")) else "mart"
        dicts = psycopg2.extras.RealDictCursor
        with psycopg2.connect(self.main_owner) as connection, connection.cursor(cursor_factory=dicts) as cursor:
            cursor.execute("SET timezone = 'UTC'")
            cursor.execute(f"SELECT * FROM {schema}.{table}")
            rows = [{name: value for name, value in row.items() if name != "load_id"} for row in cursor.fetchall()]
        return {tuple(row[name] for name in key): row for row in rows}


def _insert(cursor: Any, table: str, rows: list[Row]) -> None:
    if rows:
        names = list(rows[0])
        statement = f"INSERT INTO raw.{table} ({', '.join(names)}) VALUES %s"
        psycopg2.extras.execute_values(
            cursor, statement, [[row[name] for name in names] for row in rows], page_size=1_000
        )


def _as_role(url: str, role: str) -> str:
    return f"{url}?options={quote(f'-c role={role}')}"


def migrated(server_url: str) -> Iterator[Databases]:
    suffix = uuid.uuid4().hex[:8]
    urls = {}
    python = os.environ.get("MIGRATE_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
    try:
        for kind in ("source", "main"):
            name = f"spark_test_{kind}_{suffix}"
            urls[kind] = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
            _at_server(server_url, f"CREATE DATABASE {name}")
            command = [python, "-m", "sql.migrate", kind, "--url", urls[kind]]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stderr
        yield Databases(urls["source"], urls["main"])
    finally:
        for kind in urls:
            _at_server(server_url, f"DROP DATABASE IF EXISTS spark_test_{kind}_{suffix} WITH (FORCE)")


def _at_server(url: str, statement: str) -> None:
    """By a connection of its own: the server may have been restarted since the last one."""
    server = psycopg2.connect(url)
    try:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(statement)
    finally:
        server.close()
