"""Queries on the stack's databases: their errors, and the exit codes of `make psql`."""

import os
from urllib.parse import urlsplit

import pytest

from common.exit_codes import ExitCode
from runtime import databases
from runtime.errors import OperatorError


@pytest.fixture
def settings(monkeypatch):
    """Return settings in which the database main is one that every server has."""
    url = urlsplit(os.environ["TEST_POSTGRES_URL"])
    monkeypatch.setattr(databases, "DATABASES", ("postgres",))
    monkeypatch.setattr(databases, "PORT_SETTINGS", {"postgres": "POSTGRES_PORT"})
    return {
        "POSTGRES_OWNER_PASSWORD": url.password,
        "POSTGRES_PORT": str(url.port),
        "MAIN_DATABASE_URL": url._replace(path="/postgres").geturl(),
    }


def test_query_runs_in_utc_and_with_a_time_limit(settings):
    query = (
        "SELECT current_setting('timezone'), current_setting('statement_timeout'), current_setting('application_name')"
    )
    assert databases.ask(settings, "main", query) == [("UTC", "1min", "runtime")]


def test_database_that_does_not_answer_is_named_without_its_password():
    with pytest.raises(OperatorError, match=r"the database main at 127\.0\.0\.1:1 .*make up") as raised:
        databases.ask({"MAIN_DATABASE_URL": "postgresql://reader:hidden@127.0.0.1:1/main"}, "main", "SELECT 1")
    assert "hidden" not in str(raised.value)


def test_query_that_is_cancelled_is_reported_as_such(settings, monkeypatch):
    monkeypatch.setattr(databases, "SESSION", {"statement_timeout": "10ms"})
    with pytest.raises(OperatorError, match=r"main did not answer a query \(canceling statement due to"):
        databases.ask(settings, "main", "SELECT pg_sleep(10)")


@pytest.mark.parametrize(
    ("statement", "exit_code"), [("SELECT 1", ExitCode.DONE), ("SELECT no_such_column", ExitCode.COULD_NOT_RUN)]
)
def test_failed_statement_does_not_answer_no(settings, statement, exit_code):
    assert databases.psql(settings, "postgres", statement) == exit_code
