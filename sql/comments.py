"""Update the comments of an existing database: migrations and table definitions are applied once, but their wording may change."""

import re
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql

COMMENT = re.compile(
    r"^COMMENT ON (?P<kind>SCHEMA|TABLE|VIEW|COLUMN) (?P<name>[\w.]+) IS\s+'(?P<text>(?:[^']|'')*)';", re.MULTILINE
)
CURRENT_COMMENTS = """
    SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace
    UNION ALL
    SELECT n.nspname || '.' || c.relname || coalesce('.' || a.attname, ''), d.description
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (
        SELECT 0 AS attnum, NULL::name AS attname
        UNION ALL
        SELECT attnum, attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    ) AS a
    LEFT JOIN pg_description AS d ON d.classoid = 'pg_class'::regclass AND d.objoid = c.oid AND d.objsubid = a.attnum
    WHERE c.relkind IN ('r', 'p', 'v') AND n.nspname NOT LIKE 'pg\\_%'
"""


def update_comments(connection: psycopg.Connection, files: Iterable[Path]) -> None:
    """Apply the last comment that `files` give each object, where the database has another one.

    Objects that a later migration dropped are skipped.
    """
    current: dict[str, str | None] = dict(connection.execute(CURRENT_COMMENTS).fetchall())
    for name, (kind, text) in _last_comments(files).items():
        if name in current and current[name] != text:
            identifier = sql.Identifier(*name.split("."))
            connection.execute(sql.SQL("COMMENT ON {} {} IS {}").format(sql.SQL(kind), identifier, sql.Literal(text)))


def _last_comments(files: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """Return kind and text of the last comment on each object, by its full name."""
    found = (match for file in files for match in COMMENT.finditer(file.read_text()))
    return {match["name"]: (match["kind"], match["text"].replace("''", "'")) for match in found}
