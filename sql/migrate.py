"""Bring one database to the state that the files in `sql/` describe. Idempotent: every start runs it.

The order is: roles; `sql/<database>/migrations` (schemas and changes to existing tables, applied once by dbmate); the missing
tables of `sql/main/{core,mart,audit}`, in main and in the replica; main's candidate tables; views (in the replica too); changed
comments; functions; the limits of rows; the publication; grants. Database airflow has roles and grants only.

    python -m sql.migrate main                      # the owner's URL from MAIN_OWNER_URL
    python -m sql.migrate main --url postgresql://postgres:...@127.0.0.1:5434/main

Exit codes: 0 migrated, 2 usage error, 3 could not run.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import psycopg
import structlog
from psycopg import sql

from common.database import DatabaseUnreachable, connect
from common.exit_codes import exit_on_error
from common.json_lines import set_up_logging
from sql.comments import update_comments
from sql.roles import ROLES, ensure_roles

SQL = Path(__file__).parent
DEFINED_SCHEMAS = ("core", "mart", "audit")
PUBLISHED_SCHEMAS = ("core", "mart")  # A load publishes these, so each of their tables has a candidate.
DBMATE_TIMEOUT = 300  # seconds
EXPECTED_ERRORS = (DatabaseUnreachable, psycopg.Error, RuntimeError, subprocess.TimeoutExpired)

log = structlog.get_logger("sql.migrate")


def definitions() -> Iterator[tuple[str, str, Path]]:
    """Yield (schema, table, file) for every table definition; the file has the table's name."""
    for schema in DEFINED_SCHEMAS:
        for file in sorted((SQL / "main" / schema).glob("*.sql")):
            yield schema, file.stem, file


def migrate(database: str, url: str) -> None:
    """Migrate `database` through the owner's `url`. Raises DatabaseUnreachable, psycopg.Error, or RuntimeError when dbmate fails."""
    with connect(url, "sql.migrate", autocommit=True) as connection:
        ensure_roles(connection, database)
        if (SQL / database / "migrations").exists():
            _run_migrations(database, url)
        if database in ("main", "replica"):
            _create_missing_tables(connection)
            for file in sorted((SQL / "main" / "views").glob("*.sql")):
                connection.execute(file.read_text())
        if database == "main":
            _create_candidates(connection)
            _set_full_replica_identity(connection)
        update_comments(connection, _files_with_comments(database))
        for file in sorted((SQL / database / "functions").glob("*.sql")):
            connection.execute(file.read_text())
        for name in ("row_limits.sql", "publication.sql", "grants.sql"):
            if (file := SQL / database / name).exists():
                connection.execute(file.read_text())


def _files_with_comments(database: str) -> list[Path]:
    """Return the files with the comments of a database; later files override earlier ones."""
    tables = [file for _, _, file in definitions()] if database in ("main", "replica") else []
    return [*sorted((SQL / database / "migrations").glob("*.sql")), *tables]


def _run_migrations(database: str, url: str) -> None:
    dbmate = Path(sys.executable).parent / "dbmate"
    separator = "&" if "?" in url else "?"
    finished = subprocess.run(
        [dbmate, "--migrations-dir", SQL / database / "migrations", "--no-dump-schema", "migrate"],
        env={**os.environ, "DATABASE_URL": f"{url}{separator}sslmode=disable"},  # not an argument: `ps` shows arguments
        capture_output=True,
        text=True,
        timeout=DBMATE_TIMEOUT,
    )
    if finished.returncode:
        raise RuntimeError(f"The migrations of {database} failed: {(finished.stderr or finished.stdout).strip()}")


def _create_missing_tables(connection: psycopg.Connection) -> None:
    for schema, table, file in definitions():
        if not _columns(connection, schema, table):
            connection.execute(file.read_text())


def _create_candidates(connection: psycopg.Connection) -> None:
    """Create an unlogged table without constraints for each published table. Recreate it when its columns differ."""
    for schema, table, _ in definitions():
        if schema not in PUBLISHED_SCHEMAS or _columns(connection, "candidate", table) == _columns(
            connection, schema, table
        ):
            continue
        candidate = sql.Identifier("candidate", table)
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(candidate))
        connection.execute(
            sql.SQL("CREATE UNLOGGED TABLE {} AS TABLE {} WITH NO DATA").format(
                candidate, sql.Identifier(schema, table)
            )
        )


def _set_full_replica_identity(connection: psycopg.Connection) -> None:
    """Log whole old rows of captured tables. Otherwise Debezium overwrites unchanged long texts in the replica."""
    tables = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND c.relreplident <> 'f'",
        ([*DEFINED_SCHEMAS, "cdc"],),
    ).fetchall()
    for schema, table in tables:
        connection.execute(sql.SQL("ALTER TABLE {} REPLICA IDENTITY FULL").format(sql.Identifier(schema, table)))


def _columns(connection: psycopg.Connection, schema: str, table: str) -> list[tuple[str, str]]:
    return connection.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) || coalesce(' ' || c.collname, '') "
        "FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation "
        "WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        (f"{schema}.{table}",),
    ).fetchall()


@click.command(help=__doc__)
@click.argument("database", type=click.Choice(sorted(ROLES)))
@click.option("--url", help="The owner's connection URL; without it, the setting <DATABASE>_OWNER_URL.")
def main(database: str, url: str | None) -> None:
    """Migrate one database."""
    url = url or os.environ.get(f"{database.upper()}_OWNER_URL")
    if not url:
        raise click.UsageError(f"Give --url or set {database.upper()}_OWNER_URL.")
    set_up_logging(f"migrate-{database}")
    with exit_on_error(lambda reason: log.critical(f"Cannot migrate {database}: {reason}"), *EXPECTED_ERRORS):
        migrate(database, url)
    log.info(f"{database} is up to date.")


if __name__ == "__main__":
    main()
