"""The objects that change data capture uses in a migrated main: publication, replica identity, markers, load lock."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from cdc_connectors.errors import NotCaughtUp
from cdc_connectors.verification.catch_up import write_marker
from cdc_connectors.verification.verify import load_lock
from common.waiting import Deadline

PROJECT = Path(__file__).parents[3]
MIGRATE = os.environ.get("MIGRATE_PYTHON", str(PROJECT / ".local/env/cdc/bin/python"))
PUBLISHED = "SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = 'cdc'"
CAPTURED = "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p') "
CAPTURED += "AND relnamespace::regnamespace::text = ANY (ARRAY['core', 'mart', 'audit', 'cdc'])"


@pytest.fixture(scope="module")
def main_url(new_database) -> str:
    url = new_database("migrated")
    subprocess.run([MIGRATE, "-m", "sql.migrate", "main", "--url", url], cwd=PROJECT, check=True, timeout=120)
    return url


@pytest.fixture
def main(main_url):
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as connection:
        yield connection


def values(connection: psycopg.Connection, query: str) -> set[str]:
    return {row[0] for row in connection.execute(query)}


def test_publication_contains_exactly_the_captured_tables(main):
    assert values(main, PUBLISHED) == values(main, CAPTURED)
    assert not any(name.startswith("candidate.") for name in values(main, PUBLISHED))


def test_publication_includes_table_created_later(main):
    main.execute("CREATE TABLE mart.created_later (id int PRIMARY KEY)")
    try:
        assert "mart.created_later" in values(main, PUBLISHED)
    finally:
        main.execute("DROP TABLE mart.created_later")


def test_captured_tables_have_replica_identity_full(main):
    assert values(main, f"{CAPTURED} AND relreplident <> 'f'") == set()


def test_publication_covers_every_operation_and_can_be_applied_again(main):
    main.execute((PROJECT / "sql/main/publication.sql").read_text())
    flags = main.execute(
        "SELECT pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot FROM pg_publication WHERE pubname = 'cdc'"
    )
    assert flags.fetchone() == (True, True, True, True, True)


def test_marker_is_written_after_returned_position(main):
    before = main.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchone()[0]
    marker, position = write_marker(main)
    after = main.execute("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint").fetchone()[0]
    assert before <= position < after
    assert main.execute("SELECT count(*) FROM cdc.marker WHERE marker_id = %s", (marker,)).fetchone() == (1,)


def test_write_marker_deletes_old_markers(main):
    main.execute("INSERT INTO cdc.marker (marker_id, written_at) VALUES ('old', now() - interval '2 days')")
    write_marker(main)
    assert main.execute("SELECT count(*) FROM cdc.marker WHERE marker_id = 'old'").fetchone() == (0,)


def test_load_lock_times_out_while_load_publishes(main, main_url):
    with psycopg.connect(main_url, connect_timeout=10) as load:
        load.execute("SELECT pg_advisory_xact_lock(audit.load_lock())")
        with pytest.raises(NotCaughtUp, match="A load was still publishing"), load_lock(main, Deadline(0.05)):
            pass


def test_load_lock_is_released(main, main_url):
    with load_lock(main, Deadline(5)):
        pass
    with psycopg.connect(main_url, connect_timeout=10) as load:
        assert load.execute("SELECT pg_try_advisory_xact_lock(audit.load_lock())").fetchone() == (True,)
