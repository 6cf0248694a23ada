"""An existing database has applied the migrations: they must not change afterwards, except for comments.

After adding a migration: python tests/shape/test_migrations.py
"""

import hashlib
import re
from pathlib import Path

SQL = Path(__file__).parents[2] / "sql"
LOCK = SQL / "migrations.sha256"


def statements(migration: str) -> str:
    """Return what a migration does: its first half, without comments and line breaks. `make migrate` updates comments."""
    up = migration.split("-- migrate:down")[0]
    without_notes = re.sub(r"^\s*--.*$|\s+-- .*$", "", up, flags=re.MULTILINE)
    without_comments = re.sub(r"^\s*COMMENT ON [^;']*'(?:[^']|'')*';", "", without_notes, flags=re.MULTILINE)
    return " ".join(without_comments.split())


def current() -> str:
    files = sorted(SQL.glob("*/migrations/*.sql"))
    digests = ((hashlib.sha256(statements(file.read_text()).encode()).hexdigest(), file) for file in files)
    return "".join(f"{digest}  {file.relative_to(SQL)}\n" for digest, file in digests)


def test_migrations_do_what_they_did_when_they_were_added() -> None:
    changed = set(current().splitlines()) ^ set(LOCK.read_text().splitlines())
    names = sorted({line.split()[1] for line in changed})
    assert not names, f"Write another migration instead of changing {names}. A new one: python {__file__}"


def test_only_comments_may_change() -> None:
    migration = "-- migrate:up\n-- Why.\nCREATE TABLE a ();  -- Short.\nCOMMENT ON TABLE a IS 'It''s; one.';\n-- migrate:down\nx"
    assert statements(migration) == "CREATE TABLE a ();"


if __name__ == "__main__":
    locked = {line.split()[1]: line for line in LOCK.read_text().splitlines()}
    lines = (locked.get(line.split()[1], line) for line in current().splitlines())
    LOCK.write_text("".join(f"{line}\n" for line in lines))  # The line of an existing migration stays.
