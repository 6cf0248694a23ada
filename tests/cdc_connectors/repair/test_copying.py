"""Tables are copied from one snapshot of main, each in one transaction; a new slot starts exactly at its snapshot."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from cdc_connectors.errors import CdcError
from cdc_connectors.repair import slot as slots
from cdc_connectors.repair.copying import common_tables, copy_tables, open_snapshot
from cdc_connectors.repair.slot import new_slot, position, read_slot
from common.waiting import wait_until

TABLES = """
    DROP PUBLICATION IF EXISTS p;
    DROP SCHEMA IF EXISTS core, mart, audit, cdc CASCADE;
    CREATE SCHEMA core; CREATE SCHEMA mart; CREATE SCHEMA audit; CREATE SCHEMA cdc;
    CREATE TABLE cdc.resync (id smallint PRIMARY KEY, resync_id text);
    CREATE TABLE core.play (id bigint PRIMARY KEY, at timestamptz, share numeric(9,8), genres text[], detail jsonb, "from" text);
    CREATE TABLE mart.day (day date PRIMARY KEY, plays integer NOT NULL);
"""
ROWS = """
    INSERT INTO core.play SELECT n, '2024-01-01 00:00:00.123456+00', 0.5, ARRAY['a, "b"', NULL], '{"n": 1}', E'tab\\t'
    FROM generate_series(1, 500) AS n;
    INSERT INTO mart.day VALUES ('2024-01-01', 1);
    INSERT INTO cdc.resync VALUES (1, 'new');
"""

Pair = tuple[psycopg.Connection, psycopg.Connection]


@pytest.fixture(scope="module")
def urls(new_database: Callable[[str], str]) -> tuple[str, str]:
    return new_database("main"), new_database("replica")


@pytest.fixture
def pair(urls: tuple[str, str]) -> Iterator[Pair]:
    """Yield connections to main, which has rows, and to the replica, which has others."""
    with psycopg.connect(urls[0], autocommit=True) as main, psycopg.connect(urls[1], autocommit=True) as replica:
        for connection in (main, replica):
            connection.execute(TABLES)
        main.execute(ROWS)
        replica.execute("INSERT INTO core.play (id) VALUES (1), (9999); INSERT INTO cdc.resync VALUES (1, 'old')")
        yield main, replica


@pytest.fixture
def slot(monkeypatch: pytest.MonkeyPatch, urls: tuple[str, str]) -> Iterator[str]:
    """Use a slot of this test's own."""
    name = f"test_{urlsplit(urls[0]).path[1:]}"
    monkeypatch.setattr(slots, "SLOT", name)
    yield name
    with psycopg.connect(urls[0], autocommit=True) as main:
        main.execute(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", (name,)
        )


def rows(connection: psycopg.Connection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


def test_tables_become_equal_and_the_record_is_copied_last(urls: tuple[str, str], pair: Pair) -> None:
    main, replica = pair
    copied: list[tuple[str, int]] = []
    with open_snapshot(urls[0]) as snapshot:
        copy_tables(snapshot, replica, common_tables(main, replica).values(), lambda *each: copied.append(each))
    assert copied == [("core.play", 500), ("mart.day", 1), ("cdc.resync", 1)]
    assert all(rows(main, table) == rows(replica, table) for table, _ in copied)


def test_readers_see_the_old_rows_until_a_table_is_complete(urls: tuple[str, str], pair: Pair) -> None:
    main, replica = pair
    seen: list[int] = []

    def look(*_: object) -> None:
        with psycopg.connect(urls[1]) as reader:
            reader.execute("SET lock_timeout = '1s'")
            seen.extend(count for (count,) in reader.execute("SELECT count(*) FROM core.play"))

    with open_snapshot(urls[0]) as snapshot:
        copy_tables(snapshot, replica, [common_tables(main, replica)["core.play"]], look)
    look()
    assert seen == [2, 500]


def test_failed_copy_leaves_the_old_rows(urls: tuple[str, str], pair: Pair) -> None:
    main, replica = pair
    replica.execute("ALTER TABLE core.play ADD CHECK (id <> 400 OR id = 400 AND at IS NULL)")
    before = rows(replica, "core.play")
    with (
        open_snapshot(urls[0]) as snapshot,
        pytest.raises(CdcError, match=r"^The replica refuses a row of core\.play: "),
    ):
        copy_tables(snapshot, replica, [common_tables(main, replica)["core.play"]], lambda *_: None)
    assert rows(replica, "core.play") == before


def test_other_columns_are_refused_with_what_to_do(pair: Pair) -> None:
    main, replica = pair
    replica.execute("ALTER TABLE mart.day DROP COLUMN plays; DROP TABLE core.play")
    with pytest.raises(CdcError, match=r"columns than main: core\.play, mart\.day\. Run make migrate\."):
        common_tables(main, replica)


def test_snapshot_of_a_new_slot_ends_where_the_slot_begins(urls: tuple[str, str], pair: Pair, slot: str) -> None:
    main, _ = pair
    main.execute("CREATE PUBLICATION p FOR ALL TABLES")
    with new_slot(urls[0]) as (first, snapshot):
        main.execute("INSERT INTO mart.day VALUES ('2024-01-02', 2)")
        with open_snapshot(urls[0], snapshot) as old:
            assert rows(old, "mart.day") == [(date(2024, 1, 1), 1)]
    found = read_slot(main)
    assert found and (found.confirmed, found.lost_because) == (first, "")
    query = "SELECT count(*) FILTER (WHERE get_byte(data, 0) = ascii('I')) FROM pg_logical_slot_peek_binary_changes(%s, NULL, NULL, 'proto_version', '1', 'publication_names', 'p')"
    assert main.execute(query, (slot,)).fetchone() == (1,)


def test_slot_is_replaced_also_while_somebody_reads_it(urls: tuple[str, str], pair: Pair, slot: str) -> None:
    with new_slot(urls[0]) as (first, _):
        pass
    with read_from(urls[0], slot) as reader:
        with new_slot(urls[0]) as (second, _):
            assert second >= first
        reader.terminate()


def read_from(url: str, slot: str) -> subprocess.Popen[bytes]:
    """Start a process that reads the slot."""
    command = ["pg_recvlogical", "--dbname", url, "--slot", slot, "--start", "--file", "/dev/null", "--no-loop"]
    command += ["--option", "proto_version=1", "--option", "publication_names=p"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def test_slot_is_replaced_if_a_reader_comes_just_before_it_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
    urls: tuple[str, str],
    pair: Pair,
    slot: str,
) -> None:
    main, _ = pair
    readers: list[subprocess.Popen[bytes]] = []
    is_read = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    main.execute("CREATE PUBLICATION p FOR ALL TABLES")
    with new_slot(urls[0]):
        pass

    class Connection(psycopg.Connection):
        def execute(self, query: Any, *arguments: Any, **options: Any) -> Any:
            if "DROP_REPLICATION_SLOT" in str(query) and not readers:
                readers.append(read_from(urls[0], slot))
                wait_until(lambda: main.execute(is_read, (slot,)).fetchone() == (True,), "a reader of the slot", 20)
            return super().execute(query, *arguments, **options)

    monkeypatch.setattr(slots, "connect", lambda url, _, **options: Connection.connect(url, **options))
    with new_slot(urls[0]):
        assert readers[0].wait(timeout=20) != 0


def test_missing_slot_is_none(pair: Pair, slot: str) -> None:
    assert read_slot(pair[0]) is None


def test_position_is_a_number() -> None:
    assert position("16/B374D848") == 0x16_B374D848
