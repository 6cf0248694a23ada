"""Bring one database to the state that the files in `sql/` describe: safe to run at every start.

In this order: roles; `sql/<database>/migrations` (schemas and changes to existing tables, by dbmate: roll forward, never
edited); every table defined in `sql/main/{core,mart,audit}` that is missing, in main and in the replica alike; main's
candidates; views (in the replica too); functions; the publication; grants.

    python -m sql.migrate main                      # the owner's URL from MAIN_OWNER_URL
    python -m sql.migrate main --url postgresql://postgres:...@127.0.0.1:5434/main
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

from common.json_lines import set_up_logging
from sql.roles import ROLES, ensure_roles

SQL = Path(__file__).parent
DEFINED_SCHEMAS = ("core", "mart", "audit")
PUBLISHED_SCHEMAS = ("core", "mart")  # What a load publishes, and so what has a candidate.
DBMATE_TIMEOUT = 300  # seconds

log = structlog.get_logger("sql.migrate")


def definitions() -> Iterator[tuple[str, str, Path]]:
    """Yield (schema, table, file) for every table definition; the file's name is the table's."""
    for schema in DEFINED_SCHEMAS:
        for file in sorted((SQL / "main" / schema).glob("*.sql")):
            yield schema, file.stem, file


def migrate(database: str, url: str) -> None:
    """Migrate `database` through the owner's `url`. Raises psycopg.Error, or RuntimeError when dbmate fails."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        ensure_roles(connection, database)
        _run_migrations(database, url)
        if database in ("main", "replica"):
            _create_missing_tables(connection)
            for file in sorted((SQL / "main" / "views").glob("*.sql")):
                connection.execute(file.read_text())
        if database == "main":
            _create_candidates(connection)
            _carry_whole_rows(connection)
        for file in sorted((SQL / database / "functions").glob("*.sql")):
            connection.execute(file.read_text())
        for name in ("publication.sql", "grants.sql"):
            if (file := SQL / database / name).exists():
                connection.execute(file.read_text())


def _run_migrations(database: str, url: str) -> None:
    dbmate = Path(sys.executable).parent / "dbmate"
    separator = "&" if "?" in url else "?"
    done = subprocess.run(
        [dbmate, "--migrations-dir", SQL / database / "migrations", "--no-dump-schema", "migrate"],
        env={**os.environ, "DATABASE_URL": f"{url}{separator}sslmode=disable"},  # Not an argument: `ps` shows those.
        capture_output=True,
        text=True,
        timeout=DBMATE_TIMEOUT,
    )
    if done.returncode:
        raise RuntimeError(f"The migrations of {database} failed: {(done.stderr or done.stdout).strip()}")


def _create_missing_tables(connection: psycopg.Connection) -> None:
    for schema, table, file in definitions():
        if not _columns(connection, schema, table):
            connection.execute(file.read_text())


def _create_candidates(connection: psycopg.Connection) -> None:
    """Give every published table its unlogged, unconstrained twin; a twin whose columns no longer match is made anew."""
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


def _carry_whole_rows(connection: psycopg.Connection) -> None:
    """Captured tables log whole old rows: without, Debezium overwrites unchanged long texts in the replica."""
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
    url = url or os.environ.get(f"{database.upper()}_OWNER_URL")
    if not url:
        raise click.UsageError(f"Give --url or set {database.upper()}_OWNER_URL.")
    set_up_logging(f"migrate-{database}")
    try:
        migrate(database, url)
    except (psycopg.Error, RuntimeError, subprocess.TimeoutExpired) as error:
        log.critical(f"{database} could not be migrated: {error}")
        sys.exit(1)
    log.info(f"{database} is up to date.")


if __name__ == "__main__":
    main()
