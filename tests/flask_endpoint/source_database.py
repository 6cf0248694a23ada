"""A migrated source database for a test run, and connections with the endpoint's rights whose work is rolled back."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]


def at(url: str, *, database: str | None = None, user: str | None = None) -> str:
    """The same server: another database, another login whose password is its name."""
    parts = urlsplit(url)
    login = f"{user}:{user}" if user else f"{parts.username}:{parts.password}"
    return urlunsplit(
        parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port}", path=f"/{database or parts.path[1:]}")
    )


@pytest.fixture(scope="session")
def source_database() -> Iterator[str]:
    """A migrated database of its own; its URL, with a login that has the rights of `endpoint` and no others."""
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.fail(
            "Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL: these tests make a database of their own there."
        )
    name = f"ingest_test_{uuid.uuid4().hex[:8]}"
    python = os.environ.get("MIGRATE_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            command = [python, "-m", "sql.migrate", "source", "--url", at(server, database=name)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
            if done.returncode:
                pytest.fail(f"The source database could not be migrated: {done.stdout}{done.stderr}")
            admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}' IN ROLE endpoint")
            yield at(server, database=name, user=name)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            admin.execute(f"DROP ROLE IF EXISTS {name}")
