"""A migrated database has the tables that the files define, and each role has only its privileges."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from sql.roles import ROLES
from tests.sql.conftest import migrate

MAIN = Path(__file__).parents[2] / "sql" / "main"
DEFINED = sorted(
    (file.parent.name, file.stem, file)
    for schema in ("core", "mart", "audit")
    for file in (MAIN / schema).glob("*.sql")
)
PUBLISHED = [(schema, table) for schema, table, _ in DEFINED if schema != "audit"]

COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, a.atttypmod), coalesce(c.collname, ''), a.attnotnull
      FROM pg_attribute a LEFT JOIN pg_collation c ON c.oid = a.attcollation
     WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""


def connect(url: str, role: str | None = None) -> psycopg.Connection:
    options = f"-c role={role}" if role else ""
    return psycopg.connect(url, autocommit=True, connect_timeout=10, options=options)


def columns(url: str, table: str) -> list[tuple[Any, ...]]:
    with connect(url) as connection:
        return connection.execute(COLUMNS, (table,)).fetchall()


@pytest.mark.parametrize(("schema", "table", "file"), DEFINED, ids=[table for _, table, _ in DEFINED])
def test_main_and_replica_have_the_columns_of_the_file(
    main_url: str, replica_url: str, schema: str, table: str, file: Path
) -> None:
    body = file.read_text().split("CREATE TABLE")[1].split("PRIMARY KEY (")[0]
    named = re.findall(r"^    ([a-z_]+) +[a-z]", body, re.MULTILINE)
    in_main = columns(main_url, f"{schema}.{table}")
    assert [name for name, *_ in in_main] == named
    assert columns(replica_url, f"{schema}.{table}") == in_main


@pytest.mark.parametrize(("schema", "table"), PUBLISHED, ids=[table for _, table in PUBLISHED])
def test_candidate_has_the_published_columns_without_constraints(main_url: str, schema: str, table: str) -> None:
    published, candidate = columns(main_url, f"{schema}.{table}"), columns(main_url, f"candidate.{table}")
    assert [column[:3] for column in candidate] == [column[:3] for column in published]
    assert not any(is_required for *_, is_required in candidate)
    with connect(main_url) as connection:
        kind = connection.execute(
            "SELECT relpersistence::text FROM pg_class WHERE oid = %s::regclass", (f"candidate.{table}",)
        )
        assert kind.fetchone() == ("u",)
        indexes = connection.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass", (f"candidate.{table}",)
        )
        assert indexes.fetchone() == (0,)


@pytest.mark.parametrize(("schema", "table", "file"), DEFINED, ids=[table for _, table, _ in DEFINED])
def test_table_has_primary_key_full_replica_identity_and_no_foreign_key(
    main_url: str, schema: str, table: str, file: Path
) -> None:
    with connect(main_url) as connection:
        name = f"{schema}.{table}"
        keys = connection.execute(
            "SELECT contype::text FROM pg_constraint WHERE conrelid = %s::regclass", (name,)
        ).fetchall()
        assert ("p",) in keys and ("f",) not in keys
        assert schema == "audit" or ("u",) not in keys
        identity = connection.execute(
            "SELECT relreplident::text FROM pg_class WHERE oid = %s::regclass", (name,)
        ).fetchone()
        assert identity == ("f",)


def test_captured_numerics_have_a_fixed_scale(main_url: str) -> None:
    with connect(main_url) as connection:
        loose = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema IN ('core', 'mart', 'audit') AND data_type = 'numeric' AND numeric_scale IS NULL"
        ).fetchall()
    assert loose == []


def test_published_schemas_are_captured_and_candidate_is_not(main_url: str) -> None:
    with connect(main_url) as connection:
        captured = connection.execute(
            "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = 'cdc' ORDER BY 1, 2"
        ).fetchall()
    assert captured == sorted(
        [(schema, table) for schema, table, _ in DEFINED] + [("cdc", "heartbeat"), ("cdc", "marker"), ("cdc", "resync")]
    )


def allowed(url: str, role: str | None, statement: str) -> bool:
    with connect(url, role) as connection:
        try:
            connection.execute(statement)
        except psycopg.errors.InsufficientPrivilege:
            return False
    return True


@pytest.mark.parametrize(
    ("role", "statement", "is_allowed"),
    [
        ("etl", "TRUNCATE candidate.fct_play", True),
        ("etl", "ANALYZE candidate.fct_play", True),
        ("etl", "SELECT FROM core.fct_play, mart.listener_summary, audit.load", True),
        ("etl", "DELETE FROM core.fct_play", False),
        ("etl", "UPDATE audit.listener_version SET version = 0", False),
        ("etl", "SELECT audit.forget_checks(0)", True),
        ("etl", "DELETE FROM audit.check_result WHERE outcome = 'fail'", False),
        ("etl", "INSERT INTO audit.check_result VALUES (0, 'core.fct_play', 'is in order', 'pass', 0, 0)", False),
        ("etl", "INSERT INTO audit.replica_check VALUES ('e', now(), 1, 'equal', 1, 1, 0, NULL)", False),
        ("etl", "SELECT audit.forget_replica_checks()", False),
        ("etl", "INSERT INTO cdc.marker VALUES ('m', now())", False),
        ("etl", "ALTER TABLE candidate.fct_play ALTER COLUMN hour TYPE text", False),
        ("etl", "CREATE TABLE candidate.own ()", False),
        ("etl", "SELECT audit.publish_table('core.fct_play', 1)", False),
        ("verifier", "SELECT FROM core.fct_play, mart.listener_summary, audit.load, cdc.heartbeat", True),
        ("verifier", "INSERT INTO cdc.marker VALUES ('v', now())", True),
        ("verifier", "DELETE FROM cdc.marker WHERE marker_id = 'v'", True),
        ("verifier", "INSERT INTO audit.replica_check VALUES ('v', now(), 1, 'equal', 1, 1, 0, NULL)", True),
        ("verifier", "UPDATE audit.replica_check SET outcome = 'equal'", False),
        ("verifier", "DELETE FROM audit.replica_check", False),
        ("verifier", "SELECT audit.forget_replica_checks()", True),
        ("verifier", "SELECT audit.load_lock()", True),
        ("verifier", "SELECT audit.publish(1)", False),
        ("verifier", "SELECT audit.forget_checks(0)", False),
        ("verifier", "DELETE FROM core.fct_play", False),
        ("gate", "SELECT FROM candidate.fct_play, core.fct_play", True),
        ("gate", "DELETE FROM audit.check_result WHERE load_id = 0", True),
        ("gate", "DELETE FROM core.fct_play", False),
        ("gate", "SELECT audit.publish(1)", False),
        ("debezium", "UPDATE cdc.heartbeat SET at = now()", True),
        ("debezium", "INSERT INTO cdc.resync VALUES (1, 'id', 'cluster', now())", True),
        ("debezium", "SELECT FROM core.fct_play", False),
        ("debezium", "SELECT FROM cdc.marker", False),
        ("debezium", "UPDATE core.fct_play SET hour = 1", False),
        ("dashboard", "SELECT FROM core.fct_play, mart.listener_summary, audit.load", True),
        ("dashboard", "SELECT FROM candidate.fct_play", False),
        ("dashboard", "DELETE FROM mart.listener_summary", False),
        ("reader", "SELECT FROM candidate.fct_play, core.fct_play, cdc.marker", True),
        ("reader", "DELETE FROM core.fct_play", False),
    ],
)
def test_roles_of_main_have_only_their_privileges(main_url: str, role: str, statement: str, is_allowed: bool) -> None:
    assert allowed(main_url, role, statement) is is_allowed


@pytest.mark.parametrize(
    ("role", "statement", "is_allowed"),
    [
        ("endpoint", "SELECT FROM vault.pause", True),
        *((role, "SELECT FROM landing.play, raw.listener", True) for role in ("etl", "gate", "reader")),
        *((role, "SELECT FROM vault.pause", False) for role in ("etl", "gate", "reader")),
        ("gate", "DELETE FROM landing.check_result", True),
        ("etl", "DELETE FROM raw.listener", False),
    ],
)
def test_roles_of_source_have_only_their_privileges(
    source_url: str, role: str, statement: str, is_allowed: bool
) -> None:
    assert allowed(source_url, role, statement) is is_allowed


@pytest.mark.parametrize(
    ("role", "statement", "is_allowed"),
    [
        ("sink", "TRUNCATE core.fct_play", True),
        ("sink", "DELETE FROM cdc.marker", True),
        ("dashboard", "SELECT FROM mart.listener_summary", True),
        ("dashboard", "DELETE FROM mart.listener_summary", False),
        ("verifier", "SELECT FROM core.fct_play, cdc.heartbeat, audit.load", True),
        ("verifier", "DELETE FROM core.fct_play", False),
        ("verifier", "INSERT INTO audit.replica_check VALUES ('v', now(), 1, 'equal', 1, 1, 0, NULL)", False),
        ("dashboard", "SELECT FROM audit.replica_check", True),
        ("reader", "SELECT FROM cdc.heartbeat, audit.load", True),
        ("reader", "DELETE FROM core.fct_play", False),
    ],
)
def test_roles_of_the_replica_have_only_their_privileges(
    replica_url: str, role: str, statement: str, is_allowed: bool
) -> None:
    assert allowed(replica_url, role, statement) is is_allowed


def test_functions_that_change_published_rows_run_as_a_role_that_is_no_superuser(main_url: str) -> None:
    with connect(main_url) as connection:
        found = connection.execute(
            "SELECT p.proname::text, r.rolname::text, r.rolsuper, r.rolcanlogin FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner "
            "WHERE p.prosecdef AND p.pronamespace = 'audit'::regnamespace ORDER BY 1"
        ).fetchall()
    assert found == [
        (name, "publisher", False, False) for name in ("compare", "forget_checks", "forget_replica_checks", "publish")
    ]


def test_only_the_owner_of_the_database_can_change_candidates(main_url: str) -> None:
    with connect(main_url) as connection:
        owners = connection.execute("SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'candidate'")
        assert owners.fetchall() == [("postgres",)]


def test_published_tables_belong_to_publisher(main_url: str) -> None:
    with connect(main_url) as connection:
        owners = connection.execute(
            "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname IN ('core', 'mart')"
        )
        assert owners.fetchall() == [("publisher",)]


def test_airflow_owns_its_database_and_what_a_superuser_created_in_it(airflow_url: str) -> None:
    with connect(airflow_url) as owner:
        owner.execute(
            "CREATE TYPE kind AS ENUM ('a'); CREATE TABLE old (id serial, kind kind); "
            "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW seen AS SELECT id FROM old"
        )
    migrate("airflow", airflow_url)
    statements = (
        "ALTER TYPE kind ADD VALUE 'b'", "ALTER TABLE old ADD COLUMN new int", "ALTER SEQUENCE old_id_seq RESTART",
        "DROP FUNCTION one()", "DROP VIEW seen", "CREATE TABLE new ()",
    )  # fmt: skip
    assert [statement for statement in statements if not allowed(airflow_url, "airflow", statement)] == []
    assert not allowed(airflow_url, "airflow", "CREATE ROLE other")


@pytest.mark.parametrize("database", sorted(ROLES))
def test_every_role_that_can_log_in_has_its_own_password_setting(database: str) -> None:
    settings = [role.password_setting(database) for role in ROLES[database] if role.can_login]
    known = re.findall(r"^(\w+_PASSWORD)=<random>$", (MAIN.parents[1] / ".env.example").read_text(), re.MULTILINE)
    assert set(settings) <= set(known) and len(set(settings)) == len(settings)
