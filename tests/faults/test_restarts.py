"""Killed, frozen and damaged parts: the replica follows main again by itself. `make test-faults` runs these tests."""

import os
import random
import signal
import threading
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from cdc_connectors.configs.render import SINK, SOURCE
from common.waiting import wait_until
from tests.faults import causes
from tests.faults.causes import CONNECT, KAFKA, TIMEOUT, TOPIC, WATCHDOG, kill, signal_database, signal_processes
from tests.faults.conftest import Outcome
from tests.faults.writer import TABLE, connect
from tests.running_stack import repairer

FROZEN = 45.0  # seconds: longer than the sessions of Kafka's clients
SEED = int(os.environ.get("FAULT_SEED") or random.randrange(10_000))  # noqa: S311
KILLS = {
    "connect": partial(kill, CONNECT),
    "broker": partial(kill, KAFKA),
    "watchdog": partial(kill, WATCHDOG),
    "main": partial(signal_database, "main", signal.SIGKILL),
    "replica": partial(signal_database, "replica", signal.SIGKILL),
}
NOT_YET = (AssertionError, OSError, psycopg.Error)  # The part is still down after the fault before.
FREEZES = {
    "connect": partial(signal_processes, CONNECT),
    "broker": partial(signal_processes, KAFKA),
    "main": partial(signal_database, "main"),
    "replica": partial(signal_database, "replica"),
    "watchdog": partial(signal_processes, WATCHDOG),
}


@pytest.mark.parametrize("part", KILLS)
def test_killed(survives: Callable[..., Outcome], part: str) -> None:
    survives(KILLS[part])


@pytest.mark.parametrize("part", ["connect", "broker"])
def test_restarted(survives: Callable[..., Outcome], part: str) -> None:
    survives(partial(signal_processes, {"connect": CONNECT, "broker": KAFKA}[part], signal.SIGTERM))


@pytest.mark.parametrize("part", FREEZES)
def test_frozen(survives: Callable[..., Outcome], part: str) -> None:
    def cause() -> None:
        FREEZES[part](signal.SIGSTOP)
        threading.Event().wait(FROZEN)
        FREEZES[part](signal.SIGCONT)

    survives(cause)


def test_everything_killed(survives: Callable[..., Outcome]) -> None:
    def cause() -> None:
        for part in KILLS.values():
            part()

    survives(cause)


def test_offsets_of_sink_rewound(survives: Callable[..., Outcome]) -> None:
    def cause() -> None:
        with causes.without_watchdog():
            connectors = causes.stop(SINK)
            partition = {"kafka_topic": TOPIC.topic, "kafka_partition": TOPIC.partition}
            offsets = [{"partition": partition, "offset": {"kafka_offset": causes.first_offset()}}]
            connectors.set_offsets(SINK, offsets)
            connectors.resume(SINK)

    survives(cause)


def test_offsets_of_source_deleted(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    def cause() -> None:
        with causes.without_watchdog():
            connectors = causes.stop(SOURCE)
            causes.delete_offsets(SOURCE)
            with connect("main") as main:
                main.execute(f"DELETE FROM {TABLE} WHERE id % 7 = 0")
            connectors.resume(SOURCE)

    copies(cause)


def test_replica_restored_from_backup(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    def cause() -> None:
        with connect("replica") as replica:
            replica.execute(f"CREATE TEMP TABLE rows AS TABLE {TABLE}; CREATE TEMP TABLE markers AS TABLE cdc.marker")
            wait_until(lambda: _markers() > _count(replica, "markers") + 1, "newer markers", TIMEOUT)
            with replica.transaction():
                for table, backup in ((TABLE, "rows"), ("cdc.marker", "markers")):
                    replica.execute(f"DELETE FROM {table}; INSERT INTO {table} TABLE {backup}")

    copies(cause)


def _markers() -> int:
    with connect("main") as main:
        return _count(main, "cdc.marker")


def _count(connection: psycopg.Connection, table: str) -> int:
    [(count,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)


def test_slot_invalidated_by_main(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    """The limit of idle time does the same as the limit of WAL, which the server's command line sets to 8 GB."""

    def is_lost() -> bool:
        with connect("main") as main:
            main.execute("CHECKPOINT")
            [(status,)] = main.execute("SELECT wal_status FROM pg_replication_slots WHERE slot_name = 'cdc'").fetchall()
        return bool(status == "lost")

    def cause() -> None:
        with causes.without_watchdog():
            causes.stop(SOURCE)
            set_limit("SET idle_replication_slot_timeout = '1s'")
            wait_until(is_lost, "main to invalidate the slot", TIMEOUT, interval=1.0)
            set_limit("RESET idle_replication_slot_timeout")

    copies(cause)


def set_limit(setting: str) -> None:
    with connect("main") as main:
        main.execute(f"ALTER SYSTEM {setting}")
        main.execute("SELECT pg_reload_conf()")


def test_copy_killed(survives: Callable[..., Outcome]) -> None:
    def cause() -> None:
        with repairer("cdc_connectors.repair.resync") as copying:
            assert copying.stdout is not None
            assert b"rows" in copying.stdout.readline()
            copying.kill()

    survives(cause)


def test_replica_locked_while_it_is_copied(survives: Callable[..., Outcome]) -> None:
    def cause() -> None:
        with connect("replica") as replica, replica.transaction():
            replica.execute(f"LOCK TABLE {TABLE} IN ACCESS EXCLUSIVE MODE")
            causes.drop_slot()
            threading.Event().wait(FROZEN)

    survives(cause)


@pytest.mark.parametrize("number", range(10), ids=lambda number: f"seed {SEED}, sequence {number}")
def test_random_sequence(survives: Callable[..., Outcome], number: int) -> None:
    """Three faults, one shortly after the other. The table of results names them, and FAULT_SEED repeats a run."""
    chance = random.Random(SEED * 100 + number)  # noqa: S311
    faults = [*chance.choices([*KILLS], k=2), "slot"]
    chance.shuffle(faults)

    def cause() -> None:
        for name in faults:
            wait_until(partial(_try, name), f"the fault {name}", TIMEOUT, ignore=NOT_YET)
            threading.Event().wait(chance.uniform(0, 8))

    survives(cause)


def _try(name: str) -> bool:
    (causes.drop_slot if name == "slot" else KILLS[name])()
    return True
