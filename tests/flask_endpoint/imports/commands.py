"""Fixtures and helpers that run the import commands as processes against a database of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from common.exit_codes import ExitCode
from flask_endpoint.database import connect
from flask_endpoint.reconciliation.forget import delete_simulated
from tests.flask_endpoint.exports.files import EXTENDED, write_zip

ROOT = Path(__file__).parents[3]
GATE_ACCEPTS = r"""sh -c 'echo "{\"passed\": [1], \"refused\": []}"'"""

TABLES = (
    *("raw.listener", "raw.import", "raw.received", "raw.play"),
    *("landing.batch", "landing.play", "landing.rejected", "landing.check_result"),
)

Rows = list[tuple[Any, ...]]
Query = Callable[[str], Rows]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def url(source_database: str) -> Iterator[str]:
    """Return the URL of the database, and delete all listeners after the test."""
    yield source_database
    with connect(source_database) as connection:
        connection.execute("UPDATE raw.listener SET is_simulated = true")
        delete_simulated(connection)


@pytest.fixture
def run(url: str) -> Run:
    """Return a function that runs the command line with `gate` as the gate command."""

    def run(*arguments: object, gate: str = GATE_ACCEPTS) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "ENDPOINT_DATABASE_URL": url, "GATE_COMMAND": gate, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "flask_endpoint", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    return run


@pytest.fixture
def query(url: str) -> Query:
    """Return a function that runs a query and returns its rows."""

    def rows(statement: str) -> Rows:
        with psycopg.connect(url) as connection:
            return connection.execute(statement).fetchall()

    return rows


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_zip(tmp_path / "my_spotify_data.zip", {"x/endsong_0.json": [EXTENDED, EXTENDED | {"ms_played": -1}]})


def balance_of(done: subprocess.CompletedProcess[str]) -> list[int]:
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    return [result[f"rows_{what}"] for what in ("read", "added", "matched", "repeated", "rejected")]


def refusal(done: subprocess.CompletedProcess[str], code: ExitCode = ExitCode.NO) -> str:
    assert done.returncode == code, done.stdout
    return done.stderr.removeprefix("Error: ").strip()


def is_database_empty(query: Query) -> bool:
    return not any(all_rows(query))


def all_rows(query: Query) -> list[Rows]:
    """Return the rows of all tables that an import writes."""
    return [query(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]
