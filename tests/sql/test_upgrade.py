"""Migrating a database of an earlier version gives the same tables as creating a new one."""

import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

SQL = Path(__file__).parents[2] / "sql"
FIRST_CHANGE = "20261128"  # Migrations before it make a database that has no tables yet.
SHAPE = """
    SELECT table_schema, table_name, column_name, data_type, collation_name FROM information_schema.columns
     WHERE table_schema IN ('core', 'mart', 'audit', 'candidate', 'raw', 'landing')
    UNION ALL SELECT schemaname, tablename, indexdef, '', '' FROM pg_indexes WHERE schemaname IN ('core', 'mart', 'audit')
    ORDER BY 1, 2, 3
"""


@pytest.mark.parametrize("kind", ["main", "replica"])
def test_migrated_old_database_equals_new_database(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    with psycopg.connect(url, autocommit=True) as owner:
        new = owner.execute(SHAPE).fetchall()
        for file in sorted((SQL / kind / "migrations").glob("*.sql"), reverse=True):
            if file.name >= FIRST_CHANGE:
                owner.execute(file.read_text().split("-- migrate:down")[1])
                version = re.match(r"\d+", file.name)
                assert version
                owner.execute("DELETE FROM schema_migrations WHERE version = %s", (version[0],))
        assert owner.execute(SHAPE).fetchall() != new
        subprocess.run(
            [sys.executable, "-m", "sql.migrate", kind, "--url", url], cwd=SQL.parent, check=True, timeout=120
        )
        assert owner.execute(SHAPE).fetchall() == new
