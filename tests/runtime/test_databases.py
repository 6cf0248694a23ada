"""Queries on the stack's databases: their errors, and the exit codes of `make psql`."""

import os
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest

from common.exit_codes import ExitCode
from runtime.errors import OperatorError
from runtime.operations import databases


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return settings in which the database main is one that every server has."""
    url = urlsplit(os.environ["TEST_POSTGRES_URL"])
    monkeypatch.setattr(databases, "DATABASES", ("postgres",))
    monkeypatch.setattr(databases, "PORT_SETTINGS", {"postgres": "POSTGRES_PORT"})
    return {
        "POSTGRES_OWNER_PASSWORD": url.password or "",
        "POSTGRES_PORT": str(url.port),
        "MAIN_DATABASE_URL": url._replace(path="/postgres").geturl(),
    }


def test_query_runs_in_utc_and_with_a_time_limit(settings: dict[str, str]) -> None:
    query = (
        "SELECT current_setting('timezone'), current_setting('statement_timeout'), current_setting('application_name')"
    )
    assert databases.ask(settings, "main", query) == [("UTC", "1min", "runtime")]


def test_database_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(OperatorError, match=r"the database main at 127\.0\.0\.1:1 .*make up") as raised:
        databases.ask({"MAIN_DATABASE_URL": "postgresql://reader:hidden@127.0.0.1:1/main"}, "main", "SELECT 1")
    assert "hidden" not in str(raised.value)


def test_query_that_is_cancelled_is_reported_as_such(settings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "SESSION", {"statement_timeout": "10ms"})
    with pytest.raises(OperatorError, match=r"main did not answer a query \(canceling statement due to"):
        databases.ask(settings, "main", "SELECT pg_sleep(10)")


@pytest.mark.parametrize(
    ("statement", "exit_code"), [("SELECT 1", ExitCode.DONE), ("SELECT no_such_column", ExitCode.COULD_NOT_RUN)]
)
def test_failed_statement_does_not_answer_no(settings: dict[str, str], statement: str, exit_code: ExitCode) -> None:
    assert databases.psql(settings, "postgres", statement) == exit_code


@pytest.fixture
def heartbeat(settings: dict[str, str]) -> Iterator[tuple[dict[str, str], Callable[[str], None]]]:
    """Return settings in which main and replica are one database, and a function that sets the age of its heartbeat."""
    server = settings["MAIN_DATABASE_URL"]
    name = f"runtime_test_{uuid.uuid4().hex[:8]}"
    url = urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as owner:
        owner.execute(f"CREATE DATABASE {name}")
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=10) as database:
                database.execute("CREATE SCHEMA cdc; CREATE TABLE cdc.heartbeat (at timestamptz)")

            def beat(age: str) -> None:
                with psycopg.connect(url, autocommit=True, connect_timeout=10) as database:
                    database.execute("INSERT INTO cdc.heartbeat VALUES (now() - %s::interval)", (age,))

            yield {"MAIN_DATABASE_URL": url, "REPLICA_DATABASE_URL": url}, beat
        finally:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_lag_is_the_age_of_the_newest_heartbeat_in_the_replica(
    heartbeat: tuple[dict[str, str], Callable[[str], None]],
) -> None:
    settings, beat = heartbeat
    assert databases.replication_lag(settings) is None
    beat("1 hour")
    beat("90 seconds")
    assert databases.replication_lag(settings) == pytest.approx(90, abs=10)
