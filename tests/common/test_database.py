"""Database connections: their options and their error messages."""

import os

import psycopg
import pytest

from common.database import DatabaseUnreachable, connect
from common.database_options import connection_options, name_database


@pytest.fixture
def server_url() -> str:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.fail("Set TEST_POSTGRES_URL to the URL of a PostgreSQL superuser.")
    return url


def test_connection_has_a_name_and_a_statement_timeout(server_url: str) -> None:
    with connect(server_url, "a test", session={"statement_timeout": "1500ms"}) as connection:
        assert connection.execute("SHOW application_name").fetchall() == [("a test",)]
        assert connection.execute("SHOW statement_timeout").fetchall() == [("1500ms",)]


def test_connection_keeps_the_options_of_its_url(server_url: str) -> None:
    url = f"{server_url}?options=-c%20search_path%3Dpg_temp"
    with connect(url, "a test", session={"statement_timeout": "2s"}) as connection:
        assert connection.execute("SHOW search_path").fetchall() == [("pg_temp",)]
        assert connection.execute("SHOW statement_timeout").fetchall() == [("2s",)]


def test_connection_takes_psycopg_options(server_url: str) -> None:
    with connect(server_url, "a test", autocommit=True) as connection:
        assert connection.autocommit


def test_statements_have_no_time_limit_by_default() -> None:
    assert "options" not in connection_options("postgresql://127.0.0.1/main", "a test")


def test_error_names_a_database_that_does_not_answer() -> None:
    with pytest.raises(DatabaseUnreachable) as raised:
        connect("postgresql://etl:hidden@127.0.0.1:1/main", "a test")
    message = str(raised.value)
    assert message.startswith("Cannot connect to the database main at 127.0.0.1:1 (")
    assert message.endswith("Start it, or correct its URL in .env.")
    assert "hidden" not in message and "\n" not in message


def test_error_gives_the_reason_why_the_server_refused(server_url: str) -> None:
    parts = psycopg.conninfo.conninfo_to_dict(server_url)
    url = f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/no_such_database"
    with pytest.raises(DatabaseUnreachable, match='database "no_such_database" does not exist'):
        connect(url, "a test")


@pytest.mark.parametrize(
    "url", ["postgresql://etl:hidden@127.0.0.1:port/main", "etl hidden", "postgresql://etl:hidden@[::1/main"]
)
def test_error_about_an_invalid_url_does_not_contain_it(url: str) -> None:
    with pytest.raises(
        DatabaseUnreachable, match=r"^The URL of a database is invalid\. Correct it in \.env: "
    ) as raised:
        connect(url, "a test")
    assert "hidden" not in str(raised.value)


def test_name_of_a_database_has_no_user_and_no_password() -> None:
    assert name_database("postgresql://etl:hidden@db/main") == "the database main at db:5432"
