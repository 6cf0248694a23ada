"""Fixtures: migrated main and replica databases, and a connection as role etl."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
AS_ETL = "-c role=etl -c lock_timeout=20s"


@pytest.fixture(scope="session")
def server_url() -> str:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.fail(
            "TEST_POSTGRES_URL is not set. Set it to the URL of a PostgreSQL superuser: the tests create databases there."
        )
    return url


def migrate(kind: str, url: str) -> None:
    """Migrate a database with the command that every start runs."""
    command = [os.environ.get("MIGRATE_PYTHON", sys.executable), "-m", "sql.migrate", kind, "--url", url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def _migrated(server_url: str, kind: str) -> Iterator[str]:
    name = f"sql_test_{kind}_{uuid.uuid4().hex[:8]}"
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    with psycopg.connect(server_url, autocommit=True, connect_timeout=10) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            migrate(kind, url)
            yield url
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def main_url(server_url: str) -> Iterator[str]:
    yield from _migrated(server_url, "main")


@pytest.fixture(scope="session")
def replica_url(server_url: str) -> Iterator[str]:
    yield from _migrated(server_url, "replica")


@pytest.fixture(scope="session")
def source_url(server_url: str) -> Iterator[str]:
    yield from _migrated(server_url, "source")


@pytest.fixture(scope="session")
def airflow_url(server_url: str) -> Iterator[str]:
    yield from _migrated(server_url, "airflow")


@pytest.fixture
def etl(main_url: str) -> Iterator[psycopg.Connection]:
    """Return a connection to main as role etl, with all tables empty."""
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as owner:
        [(names,)] = owner.execute(
            "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables "
            "WHERE schemaname IN ('core', 'mart', 'audit', 'candidate')"
        ).fetchall()
        owner.execute(f"TRUNCATE {names}")
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10, options=AS_ETL) as connection:
        yield connection
