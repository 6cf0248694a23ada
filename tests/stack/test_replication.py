"""The running stack copies main to the replica: every kind of change, a table made meanwhile, and through a kill -9.

A table of our own is made in both databases, changed, compared and dropped; nothing else of the stack is touched.
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("CDC_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
TABLE = "mart.replication_test"
CAUGHT_UP_WITHIN = 120  # seconds
LONG = "a text long enough for PostgreSQL to store it out of line " * 200

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


def owner_url(url: str) -> str:
    parts = urlsplit(url)
    return f"postgresql://postgres:{os.environ['POSTGRES_PASSWORD']}@{parts.hostname}:{parts.port}{parts.path}"


def verified() -> dict[str, dict[str, object]]:
    """Each table's result after catching up, as `make verify-replica` finds it."""
    command = [PYTHON, "-m", "cdc_connectors.verification.verify", "--json", "--timeout", str(CAUGHT_UP_WITHIN)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=CAUGHT_UP_WITHIN + 60)
    assert done.returncode in (0, 1), done.stderr
    return {table["table"]: table for table in json.loads(done.stdout)["tables"]}


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def main() -> Iterator[psycopg.Connection]:
    with psycopg.connect(owner_url(os.environ["MAIN_DATABASE_URL"]), autocommit=True, connect_timeout=10) as connection:
        yield connection


@pytest.fixture(scope="module")
def replica() -> Iterator[psycopg.Connection]:
    with psycopg.connect(
        owner_url(os.environ["REPLICA_DATABASE_URL"]), autocommit=True, connect_timeout=10
    ) as connection:
        yield connection


@pytest.fixture(scope="module")
def captured(main: psycopg.Connection, replica: psycopg.Connection) -> Iterator[str]:
    """A captured table, new to connectors that run already; in the replica first, as a row may come at once."""
    replica.execute(f"{DEFINITION} GRANT ALL ON {TABLE} TO sink; GRANT SELECT ON {TABLE} TO reader")
    main.execute(f"{DEFINITION} GRANT SELECT ON {TABLE} TO debezium, reader")
    yield TABLE
    # What still flows into a table that is gone would fail the sink for good: drain first.
    verified()
    main.execute(f"DROP TABLE {TABLE}")
    replica.execute(f"DROP TABLE {TABLE}")


@pytest.fixture
def table(main: psycopg.Connection, captured: str) -> str:
    """That table, empty in main; whatever an earlier test left in the replica goes by the same truncate."""
    main.execute(f"TRUNCATE {captured}")
    return captured


def insert(main: psycopg.Connection, listener: str, count: int, note: str = "short") -> None:
    main.execute(INSERT, {"listener": listener, "count": count, "note": note})


def test_rows_of_a_table_made_while_the_connectors_run_arrive_equal(main: psycopg.Connection, table: str) -> None:
    insert(main, "ana", 300)
    found = verified()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 300)


def test_rows_written_while_their_key_was_set_aside_arrive_by_that_key(main: psycopg.Connection, table: str) -> None:
    """As audit.publish_table fills an empty table."""
    key = "replication_test_pkey"
    with main.transaction():
        main.execute(f"ALTER TABLE {table} DROP CONSTRAINT {key}")
        insert(main, "ana", 60)
        main.execute(f"ALTER TABLE {table} ADD CONSTRAINT {key} PRIMARY KEY (listener_id, played_on)")
    main.execute(f"UPDATE {table} SET play_count = play_count + 1 WHERE played_on > '2024-02-01'")
    main.execute(f"DELETE FROM {table} WHERE played_on <= '2024-01-11'")
    found = verified()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 50)


def test_updates_deletes_and_key_changes_arrive(main: psycopg.Connection, table: str) -> None:
    insert(main, "ana", 100, LONG)
    main.execute(f"UPDATE {table} SET play_count = play_count + 1 WHERE played_on > '2024-02-01'")
    main.execute(f"UPDATE {table} SET share = NULL, genres = NULL, note = NULL WHERE played_on <= '2024-01-11'")
    main.execute(f"DELETE FROM {table} WHERE played_on > '2024-03-20'")
    main.execute(f"UPDATE {table} SET listener_id = 'bob' WHERE played_on = '2024-02-10'")
    found = verified()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 79)


def test_a_long_text_that_an_update_left_alone_stays_whole(
    main: psycopg.Connection, replica: psycopg.Connection, table: str
) -> None:
    insert(main, "ana", 3, LONG)
    main.execute(f"UPDATE {table} SET play_count = 99")
    assert verified()[table]["equal"]
    assert replica.execute(f"SELECT DISTINCT play_count, note FROM {table}").fetchall() == [(99, LONG)]


def test_a_truncate_arrives_and_what_follows_it_stays(main: psycopg.Connection, table: str) -> None:
    insert(main, "ana", 50)
    main.execute(f"TRUNCATE {table}")
    insert(main, "bob", 7)
    found = verified()[table]
    assert (found["equal"], found["replica_rows"]) == (True, 7)


def test_a_changed_replica_is_found_and_its_keys_are_named(
    main: psycopg.Connection, replica: psycopg.Connection, table: str
) -> None:
    insert(main, "ana", 20)
    assert verified()[table]["equal"]
    replica.execute(f"UPDATE {table} SET play_count = -1 WHERE played_on = '2024-01-05'")
    replica.execute(f"DELETE FROM {table} WHERE played_on = '2024-01-06'")
    replica.execute(f"INSERT INTO {table} (listener_id, played_on, play_count) VALUES ('eve', '2024-01-07', 1)")
    assert verified()[table]["differences"] == [
        {"key": {"listener_id": "ana", "played_on": "2024-01-05"}, "difference": "differs"},
        {"key": {"listener_id": "ana", "played_on": "2024-01-06"}, "difference": "missing in replica"},
        {"key": {"listener_id": "eve", "played_on": "2024-01-07"}, "difference": "only in replica"},
    ]
    main.execute(f"TRUNCATE {table}")
    assert verified()[table]["equal"]


def java_process(main_class: str, state: str) -> int | None:
    """The process of this stack that runs the class: its state directory tells it from another stack's."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if f"\0{main_class}\0" in command and state in command:
            return int(folder.name)
    return None


def writes(main_url: str, table: str, stop: threading.Event) -> int:
    """Small transactions of every kind until told to stop; the number of rows that must then be there."""
    columns, first = "(listener_id, played_on, play_count)", date(2000, 1, 1)
    days = 0
    with psycopg.connect(main_url, connect_timeout=10) as connection:
        while not stop.is_set():
            days += 1
            day, lately = first + timedelta(days), first + timedelta(days - 20)
            connection.execute(
                f"INSERT INTO {table} {columns} SELECT 'w' || n, %s, 0 FROM generate_series(1, 10) AS n", (day,)
            )
            connection.commit()
            connection.execute(
                f"UPDATE {table} SET play_count = play_count + 1 WHERE listener_id < 'w2' AND played_on > %s", (lately,)
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
def test_a_kill_under_a_writer_loses_and_invents_nothing(
    main: psycopg.Connection, table: str, main_class: str, state: str
) -> None:
    directory = str(Path(os.environ[state]).resolve())
    stop, rows = threading.Event(), []
    url = owner_url(os.environ["MAIN_DATABASE_URL"])
    writer = threading.Thread(target=lambda: rows.append(writes(url, table, stop)))
    writer.start()
    try:
        wait_for(lambda: java_process(main_class, directory) is not None, 60, f"{main_class} runs")
        wait_for(lambda: written(main, table) >= 200, 60, "the writer writes")
        killed = java_process(main_class, directory)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_for(
            lambda: java_process(main_class, directory) not in (None, killed), 60, "the supervisor starts it again"
        )
        before = written(main, table)
        wait_for(lambda: written(main, table) >= before + 200, 30, "the writer goes on")
    finally:
        stop.set()
        writer.join(timeout=30)
    found = verified()[table]
    assert (found["equal"], found["replica_rows"]) == (True, rows[0])


def written(main: psycopg.Connection, table: str) -> int:
    row = main.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])
