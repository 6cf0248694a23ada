"""Provide a migrated source database for a test run, and a login with the endpoint's rights."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]


def change_url(url: str, *, database: str | None = None, user: str | None = None) -> str:
    """Return the URL with another database or login. The login's password equals its name."""
    parts = urlsplit(url)
    login = f"{user}:{user}" if user else f"{parts.username}:{parts.password}"
    return urlunsplit(
        parts._replace(netloc=f"{login}@{parts.hostname}:{parts.port}", path=f"/{database or parts.path[1:]}")
    )


@pytest.fixture(scope="session")
def source_database() -> Iterator[str]:
    """Create a migrated database; return its URL with a login that has only the rights of the role `endpoint`."""
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.fail(
            "Set TEST_POSTGRES_URL to the URL of a PostgreSQL superuser. These tests create their own database there."
        )
    name = f"ingest_test_{uuid.uuid4().hex[:8]}"
    python = os.environ.get("MIGRATE_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            command = [python, "-m", "sql.migrate", "source", "--url", change_url(server, database=name)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
            if done.returncode:
                pytest.fail(f"The source database cannot be migrated. {done.stdout}{done.stderr}")
            admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{name}' IN ROLE endpoint")
            yield change_url(server, database=name, user=name)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
            admin.execute(f"DROP ROLE IF EXISTS {name}")
