"""The stack replicates every kind of change from main to the replica, also for new tables and after a kill -9.

The tests create their own table in both databases, change it, compare it and drop it. They change nothing else.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.running_stack import owner_url, verify

TABLE = "mart.replication_test"
LONG_TEXT = "a text long enough for PostgreSQL to store it out of line " * 200

DEFINITION = f"""
    DROP TABLE IF EXISTS {TABLE};
    CREATE TABLE {TABLE} (
        listener_id text COLLATE "C" NOT NULL, played_on date NOT NULL, play_count integer NOT NULL, share numeric(9,8),
        at timestamptz, genres text[], detail jsonb, is_counted boolean, measured double precision, note text,
        PRIMARY KEY (listener_id, played_on)
    );
    ALTER TABLE {TABLE} REPLICA IDENTITY FULL;
"""
INSERT = f"""
    INSERT INTO {TABLE}
    SELECT %(listener)s, date '2024-01-01' + n, n, n / 1000.0, timestamptz '2024-01-01 00:00:00.123456+00' + n * interval '1 hour',
           ARRAY['it''s, "quoted"', NULL, ''], jsonb_build_object('n', n), n %% 2 = 0, n / 3.0::float8, %(note)s
    FROM generate_series(1, %(count)s) AS n
"""


def wait_for(condition: Callable[[], bool], seconds: float, description: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"timed out after {seconds} s: {description}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def main() -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url("main"), autocommit=True, connect_timeout=10) as connection:
        yield connection


@pytest.fixture(scope="module")
def replica() -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url("replica"), autocommit=True, connect_timeout=10) as connection:
        yield connection


@pytest.fixture(scope="module")
def captured(main: psycopg.Connection, replica: psycopg.Connection) -> Iterator[str]:
    """Create a captured table while the connectors run: in the replica first, because rows may arrive immediately."""
    replica.execute(f"{DEFINITION} GRANT ALL ON {TABLE} TO sink; GRANT SELECT ON {TABLE} TO verifier")
    main.execute(f"{DEFINITION} GRANT SELECT ON {TABLE} TO debezium, verifier")
    yield TABLE
    # Wait for pending rows: a row for a dropped table would stop the sink permanently.
    verify()
    main.execute(f"DROP TABLE {TABLE}")
    replica.execute(f"DROP TABLE {TABLE}")


@pytest.fixture
def table(main: psycopg.Connection, captured: str) -> str:
    """Truncate the captured table in main; the truncate also removes earlier tests' rows from the replica."""
    main.execute(f"TRUNCATE {captured}")
    return captured


def insert(main: psycopg.Connection, listener: str, count: int, note: str = "short") -> None:
    main.execute(INSERT, {"listener": listener, "count": count, "note": note})


def test_rows_of_new_table_are_replicated(main: psycopg.Connection, table: str) -> None:
    insert(main, "ana", 300)
    found = verify()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 300)


def test_rows_written_while_primary_key_is_dropped_are_replicated(main: psycopg.Connection, table: str) -> None:
    """audit.publish_table fills an empty table in the same way."""
    key = "replication_test_pkey"
    with main.transaction():
        main.execute(f"ALTER TABLE {table} DROP CONSTRAINT {key}")
        insert(main, "ana", 60)
        main.execute(f"ALTER TABLE {table} ADD CONSTRAINT {key} PRIMARY KEY (listener_id, played_on)")
    main.execute(f"UPDATE {table} SET play_count = play_count + 1 WHERE played_on > '2024-02-01'")
    main.execute(f"DELETE FROM {table} WHERE played_on <= '2024-01-11'")
    found = verify()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 50)


def test_updates_deletes_and_key_changes_are_replicated(main: psycopg.Connection, table: str) -> None:
    insert(main, "ana", 100, LONG_TEXT)
    main.execute(f"UPDATE {table} SET play_count = play_count + 1 WHERE played_on > '2024-02-01'")
    main.execute(f"UPDATE {table} SET share = NULL, genres = NULL, note = NULL WHERE played_on <= '2024-01-11'")
    main.execute(f"DELETE FROM {table} WHERE played_on > '2024-03-20'")
    main.execute(f"UPDATE {table} SET listener_id = 'bob' WHERE played_on = '2024-02-10'")
    found = verify()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 79)


def test_update_of_another_column_keeps_long_text(
    main: psycopg.Connection, replica: psycopg.Connection, table: str
) -> None:
    insert(main, "ana", 3, LONG_TEXT)
    main.execute(f"UPDATE {table} SET play_count = 99")
    assert verify()[table]["equal"]
    assert replica.execute(f"SELECT DISTINCT play_count, note FROM {table}").fetchall() == [(99, LONG_TEXT)]


def test_longest_row_with_the_longest_change_is_replicated(main: psycopg.Connection, table: str) -> None:
    """A constraint limits the text of captured rows to 768 KiB. JSON writes \\u0001 for the character 1, 6 bytes for one."""
    longest = "\x01" * (768 * 1024)
    insert(main, "ana", 1, longest)
    main.execute(f"UPDATE {table} SET play_count = 99")
    assert verify()[table]["equal"]
    main.execute(f"UPDATE {table} SET listener_id = 'bob'")
    insert(main, "ana", 2)
    found = verify()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 3)


def test_many_rows_with_long_texts_are_replicated(main: psycopg.Connection, table: str) -> None:
    """2,000 rows of 48,000 bytes, six texts of 2,000 characters, are more than the worker's heap if they are read at once."""
    insert(main, "ana", 2_000, "\U0001f3b5" * 12_000)
    main.execute(f"UPDATE {table} SET play_count = 99")
    found = verify()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 2_000)


def test_truncate_is_replicated_and_later_rows_stay(main: psycopg.Connection, table: str) -> None:
    insert(main, "ana", 50)
    main.execute(f"TRUNCATE {table}")
    insert(main, "bob", 7)
    found = verify()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 7)


def test_verify_names_keys_that_differ(main: psycopg.Connection, replica: psycopg.Connection, table: str) -> None:
    insert(main, "ana", 20)
    assert verify()[table]["equal"]
    replica.execute(f"UPDATE {table} SET play_count = -1 WHERE played_on = '2024-01-05'")
    replica.execute(f"DELETE FROM {table} WHERE played_on = '2024-01-06'")
    replica.execute(f"INSERT INTO {table} (listener_id, played_on, play_count) VALUES ('eve', '2024-01-07', 1)")
    assert verify()[table]["differences"] == [
        {"key": {"listener_id": "ana", "played_on": "2024-01-05"}, "difference": "differs"},
        {"key": {"listener_id": "ana", "played_on": "2024-01-06"}, "difference": "missing in replica"},
        {"key": {"listener_id": "eve", "played_on": "2024-01-07"}, "difference": "only in replica"},
    ]
    main.execute(f"TRUNCATE {table}")
    assert verify()[table]["equal"]


def java_process(main_class: str, state: str) -> int | None:
    """Return the PID of this stack's process that runs the class. Other stacks have another state directory."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"\0{main_class}\0" in command and state in command:
            return int(folder.name)
    return None


def write_until_stopped(main_url: str, table: str, stop: threading.Event) -> int:
    """Commit and roll back small transactions until `stop` is set. Return the number of rows the table must then have."""
    columns, first = "(listener_id, played_on, play_count)", date(2000, 1, 1)
    days = 0
    with psycopg.connect(main_url, connect_timeout=10) as connection:
        while not stop.is_set():
            days += 1
            day, update_after = first + timedelta(days), first + timedelta(days - 20)
            connection.execute(
                f"INSERT INTO {table} {columns} SELECT 'w' || n, %s, 0 FROM generate_series(1, 10) AS n", (day,)
            )
            connection.commit()
            connection.execute(
                f"UPDATE {table} SET play_count = play_count + 1 WHERE listener_id < 'w2' AND played_on > %s",
                (update_after,),
            )
            connection.execute(f"DELETE FROM {table} WHERE listener_id = 'w10' AND played_on = %s", (day,))
            connection.commit()
            connection.execute(f"INSERT INTO {table} {columns} VALUES ('undone', %s, 0)", (day,))
            connection.rollback()
    return days * 9


@pytest.mark.parametrize(
    ("main_class", "state"),
    [("org.apache.kafka.connect.cli.ConnectDistributed", "CONNECT_DIR"), ("kafka.Kafka", "KAFKA_DIR")],
    ids=["connect", "broker"],
)
def test_kill_during_writes_loses_and_adds_no_rows(
    main: psycopg.Connection, table: str, main_class: str, state: str
) -> None:
    directory = str(Path(os.environ[state]).resolve())
    stop, rows = threading.Event(), []
    url = owner_url("main")
    writer = threading.Thread(target=lambda: rows.append(write_until_stopped(url, table, stop)))
    writer.start()
    try:
        wait_for(lambda: java_process(main_class, directory) is not None, 60, f"{main_class} runs")
        wait_for(lambda: row_count(main, table) >= 200, 60, "the writer has written 200 rows")
        killed = java_process(main_class, directory)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_for(
            lambda: java_process(main_class, directory) not in (None, killed), 60, "the supervisor restarts the process"
        )
        before = row_count(main, table)
        wait_for(lambda: row_count(main, table) >= before + 200, 30, "the writer has written 200 more rows")
    finally:
        stop.set()
        writer.join(timeout=30)
    found = verify()[table]
    assert (found["equal"], found["replica_rows"]) == (True, rows[0])


def row_count(main: psycopg.Connection, table: str) -> int:
    row = main.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])
