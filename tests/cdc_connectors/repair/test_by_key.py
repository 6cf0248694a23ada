"""Rows are copied from main to the replica by key: main's current row, or its absence."""

from collections.abc import Iterator

import psycopg
import pytest

from cdc_connectors.repair import by_key
from cdc_connectors.repair.by_key import copy_rows
from cdc_connectors.verification.tables import Table, tables

DEFINITION = """
    CREATE TABLE mart.copied (
        listener_id text COLLATE "C" NOT NULL, played_on date NOT NULL, share numeric(9,8), at timestamptz, genres text[], detail jsonb,
        is_counted boolean, measured double precision, "a name" text UNIQUE, PRIMARY KEY (listener_id, played_on)
    )
"""
ROWS = """
    INSERT INTO mart.copied
    SELECT 'l' || n, date '2024-01-01' + n, n / 1000.0, timestamptz '2024-01-01 00:00:00.123456+00' + n * interval '1 hour',
           ARRAY['it''s, "quoted"', NULL, ''], jsonb_build_object('n', n), n % 2 = 0, n / 3.0::float8, 'name ' || n
    FROM generate_series(1, 20) AS n
"""

Copied = tuple[psycopg.Connection, psycopg.Connection, Table]


@pytest.fixture
def copied(main: psycopg.Connection, replica_url: str) -> Iterator[Copied]:
    """Yield both databases, with the table in each, and the table."""
    with psycopg.connect(replica_url, autocommit=True) as replica:
        for database in (main, replica):
            database.execute(DEFINITION)
        yield main, replica, tables(main)["mart.copied"]
        for database in (main, replica):
            database.execute("DROP TABLE mart.copied")


def keys(main: psycopg.Connection) -> list[tuple[str, ...]]:
    return main.execute("SELECT listener_id, played_on::text FROM mart.copied").fetchall()


def rows(database: psycopg.Connection) -> list[tuple[str]]:
    return database.execute("SELECT copied::text FROM mart.copied ORDER BY 1").fetchall()


def test_rows_of_any_type_are_equal(copied: Copied, monkeypatch: pytest.MonkeyPatch) -> None:
    main, replica, table = copied
    monkeypatch.setattr(by_key, "CHUNK", 7)
    main.execute(ROWS)
    main.execute("INSERT INTO mart.copied (listener_id, played_on) VALUES ('with nulls', '0001-01-01')")
    assert copy_rows(main, replica, table, keys(main)) == {}
    assert rows(replica) == rows(main)


def test_absent_rows_are_deleted_and_other_keys_stay(copied: Copied) -> None:
    main, replica, table = copied
    replica.execute(ROWS)
    main.execute("INSERT INTO mart.copied (listener_id, played_on, share) VALUES ('l1', '2024-01-02', 0.5)")
    copy_rows(main, replica, table, [("l1", "2024-01-02"), ("l2", "2024-01-03"), ("never", "2024-01-03")])
    query = "SELECT count(*), max(share) FILTER (WHERE listener_id = 'l1') FROM mart.copied"
    [(count, share)] = replica.execute(query).fetchall()
    assert (count, float(share)) == (19, 0.5)


def test_unique_values_can_change_hands(copied: Copied) -> None:
    main, replica, table = copied
    for database in (main, replica):
        database.execute(ROWS)
    main.execute("UPDATE mart.copied SET \"a name\" = 'free' WHERE listener_id = 'l1'")
    main.execute("UPDATE mart.copied SET \"a name\" = 'name 1' WHERE listener_id = 'l2'")
    assert copy_rows(main, replica, table, [("l2", "2024-01-03"), ("l1", "2024-01-02")]) == {}
    assert rows(replica) == rows(main)


def test_refused_row_keeps_its_old_state_and_the_others_are_copied(copied: Copied) -> None:
    main, replica, table = copied
    for database in (main, replica):
        database.execute(ROWS)
    main.execute("UPDATE mart.copied SET measured = -1 WHERE listener_id = 'l3'")
    main.execute("UPDATE mart.copied SET measured = 7 WHERE listener_id = 'l4'")
    replica.execute("ALTER TABLE mart.copied ADD CONSTRAINT positive CHECK (measured > 0) NOT VALID")
    refused = copy_rows(main, replica, table, keys(main))
    assert refused == {
        ("l3", "2024-01-04"): 'new row for relation "copied" violates check constraint "positive"',
    }
    found = replica.execute("SELECT measured FROM mart.copied WHERE listener_id IN ('l3', 'l4') ORDER BY 1").fetchall()
    assert found == [(1.0,), (7.0,)]


def test_missing_privilege_is_no_refused_row(copied: Copied) -> None:
    main, replica, table = copied
    main.execute(ROWS)
    replica.execute("SET ROLE verifier")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        copy_rows(main, replica, table, keys(main))
    replica.execute("RESET ROLE")
