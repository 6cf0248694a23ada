"""Queries on the stack's databases, and the operator's psql."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import psycopg

from common.database import DatabaseUnreachable, connect
from common.database_options import first_line
from common.exit_codes import ExitCode
from runtime.definition.stack import program_path
from runtime.errors import OperatorError

DATABASES = ("source", "main", "replica", "airflow")
APPLICATION = "runtime"  # The name of our connections in pg_stat_activity.
SESSION = {"statement_timeout": "1min", "timezone": "UTC"}
PORT_SETTINGS = {"source": "SOURCE_PORT", "main": "MAIN_PORT", "replica": "REPLICA_PORT", "airflow": "AIRFLOW_DB_PORT"}


def ask(
    settings: Mapping[str, str], database: str, question: str, values: Sequence[Any] | Mapping[str, Any] = ()
) -> list[tuple[Any, ...]]:
    """Return the rows of one query, run as the reader, times in UTC.

    Raises OperatorError if the database does not answer, or has not been migrated since this version was installed.
    """
    url = settings[f"{database.upper()}_DATABASE_URL"]
    try:
        with connect(url, APPLICATION, session=SESSION) as connection:
            return connection.execute(question, values).fetchall()
    except DatabaseUnreachable as error:
        raise OperatorError(f"{error} `make up` starts the stack.") from error
    except psycopg.errors.UndefinedTable as error:
        raise OperatorError(
            f"The database {database} lacks a table ({first_line(error)}). Run `make migrate`."
        ) from error
    except psycopg.OperationalError as error:
        raise OperatorError(
            f"The database {database} did not answer a query ({first_line(error)}). Try again."
        ) from error


def owner_url(settings: Mapping[str, str], database: str) -> str:
    """Return the URL of a database for its superuser."""
    password = quote(settings[f"{database.upper()}_OWNER_PASSWORD"], safe="")
    return f"postgresql://postgres:{password}@127.0.0.1:{settings[PORT_SETTINGS[database]]}/{database}"


def play_counts(settings: Mapping[str, str]) -> dict[str, int]:
    """Return the number of plays by database: `raw.play` in source, `core.fct_play` in main and replica."""
    tables = {"source": "raw.play", "main": "core.fct_play", "replica": "core.fct_play"}
    return {
        database: ask(settings, database, f"SELECT count(*) FROM {table}")[0][0] for database, table in tables.items()
    }


def mart_counts(settings: Mapping[str, str], database: str) -> dict[str, int]:
    """Return the number of rows of every mart. The marts are read from the system catalog."""
    marts = ask(settings, database, "SELECT tablename FROM pg_tables WHERE schemaname = 'mart' ORDER BY tablename")
    if not marts:
        return {}
    union = " UNION ALL ".join(f"SELECT '{mart}', count(*) FROM mart.{mart}" for (mart,) in marts)
    return dict(ask(settings, database, union))


def replication_lag(settings: Mapping[str, str]) -> float | None:
    """Return the seconds between main's clock and the newest heartbeat in the replica, or None before the first one.

    Debezium updates the heartbeat in main every 5 s, so a healthy replica shows between 0 and about 5 s.
    """
    [(beat,)] = ask(settings, "replica", "SELECT max(at) FROM cdc.heartbeat")
    [(now,)] = ask(settings, "main", "SELECT now()")
    return None if beat is None else max(0.0, float((now - beat).total_seconds()))


def replica_checks(settings: Mapping[str, str]) -> dict[str, tuple[float, str | None]]:
    """Return the newest verification of the replica of each outcome: its age in seconds, and its reason."""
    newest = ask(
        settings,
        "main",
        "SELECT DISTINCT ON (outcome) outcome, extract(epoch FROM now() - started_at), reason "
        "FROM audit.replica_check ORDER BY outcome, started_at DESC",
    )
    return {outcome: (float(age), reason) for outcome, age, reason in newest}


def gate_outcomes(settings: Mapping[str, str], load_id: int) -> list[tuple[str, int, int, int]]:
    """Return (table, passed, warned, failed) for a load's checks."""
    return ask(
        settings,
        "main",
        "SELECT table_name, count(*) FILTER (WHERE outcome = 'pass'), count(*) FILTER (WHERE outcome = 'warn'), "
        "count(*) FILTER (WHERE outcome = 'fail') FROM audit.check_result WHERE load_id = %s GROUP BY 1 ORDER BY 1",
        (load_id,),
    )


def psql(settings: Mapping[str, str], database: str, statement: str | None) -> int:
    """Open a shell as the owner, or print the rows of one statement, unaligned and without header.

    Return psql's exit code for a shell, and COULD_NOT_RUN if the statement fails.
    """
    if database not in DATABASES:
        raise OperatorError(f"There is no database {database!r}: choose DB={'|'.join(DATABASES)}.")
    environment = os.environ | {
        "PATH": os.pathsep.join([*program_path(), os.environ["PATH"]]),
        "PGPASSWORD": settings[f"{database.upper()}_OWNER_PASSWORD"],
        "PGCONNECT_TIMEOUT": "5",
    }
    command = [
        "psql",
        "-X",
        "-h",
        "127.0.0.1",
        "-p",
        settings[PORT_SETTINGS[database]],
        "-U",
        "postgres",
        "-d",
        database,
    ]
    if statement is None:
        return subprocess.call(command, env=environment)
    code = subprocess.call(
        [*command, "-v", "ON_ERROR_STOP=1", "-q", "-At", "-c", statement], env=environment, stdin=subprocess.DEVNULL
    )
    return ExitCode.COULD_NOT_RUN if code else ExitCode.DONE
