"""Fixtures: migrated main and source databases, a role with the gate's privileges, and valid data to check."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from gate_examples import valid_rows

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "soda"))

GOOD_LOAD = (Path(__file__).parent / "good_load.sql").read_text() + valid_rows()
GOOD_BATCH = (Path(__file__).parent / "good_batch.sql").read_text()

Execute = Callable[..., list[tuple[Any, ...]]]


def kill_this_process(*_: object) -> None:
    """Take the place of a scan whose process the system kills."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="session")
def server_url() -> str:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.fail(
            "TEST_POSTGRES_URL is not set. Set it to the URL of a PostgreSQL superuser: the tests create databases there."
        )
    return url


def _at(url: str, *, database: str | None = None, user: str | None = None) -> str:
    parts = urlsplit(url)
    login = f"{user}:{user}@" if user else f"{parts.username}:{parts.password}@"
    return urlunsplit(
        parts._replace(netloc=f"{login}{parts.hostname}:{parts.port}", path=f"/{database or parts.path[1:]}")
    )


def _execute(url: str, statement: str, parameters: tuple[object, ...] | None = None) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(url, connect_timeout=10, options="-c lock_timeout=20s")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture(scope="session")
def gate_role(server_url: str) -> Iterator[str]:
    """Create a role with the privileges of `gate`. It has its own name and password because the server may be shared."""
    name = f"gate_test_{uuid.uuid4().hex[:8]}"
    _execute(server_url, f"CREATE ROLE {name} LOGIN BYPASSRLS PASSWORD '{name}'")
    yield name
    _execute(server_url, f"DROP ROLE {name}")


def _migrated(server_url: str, kind: str, role: str) -> Iterator[str]:
    name = f"gate_test_{kind}_{uuid.uuid4().hex[:8]}"
    _execute(server_url, f"CREATE DATABASE {name}")
    url = _at(server_url, database=name)
    python = os.environ.get("MIGRATE_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
    command = [python, "-m", "sql.migrate", kind, "--url", url]
    try:
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
        _execute(server_url, f"GRANT gate TO {role}")
        yield url
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def main_database(server_url: str, gate_role: str) -> Iterator[str]:
    yield from _migrated(server_url, "main", gate_role)


@pytest.fixture(scope="session")
def source_database(server_url: str, gate_role: str) -> Iterator[str]:
    yield from _migrated(server_url, "source", gate_role)


@pytest.fixture
def main(main_database: str, gate_role: str, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Create load 7 with valid candidates. Return a function that executes a statement in main as its owner."""
    _execute(main_database, GOOD_LOAD)
    monkeypatch.setenv("GATE_MAIN_DATABASE_URL", _at(main_database, user=gate_role))
    return lambda statement, parameters=None: _execute(main_database, statement, parameters)


@pytest.fixture
def source(source_database: str, gate_role: str, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Create the valid batches 1 (a poll) and 2 (an import). Return a function that executes a statement in source as its owner."""
    _execute(source_database, GOOD_BATCH)
    monkeypatch.setenv("GATE_SOURCE_DATABASE_URL", _at(source_database, user=gate_role))
    return lambda statement, parameters=None: _execute(source_database, statement, parameters)
