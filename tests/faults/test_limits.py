"""Cut connections, full disks, a truncated table and a second watchdog: the replica follows main again by itself."""

import signal
import socket
from collections.abc import Callable
from functools import partial

import pytest

from common.waiting import wait_until
from tests.faults import causes
from tests.faults.causes import CONNECT, TIMEOUT, worker
from tests.faults.conftest import Outcome
from tests.faults.writer import TABLE, connect
from tests.running_stack import repairer

CUT = 10.0  # seconds
LARGEST_FILE = 17 * 2**20  # bytes: a little more than a segment of WAL
FILL = f"INSERT INTO {TABLE} SELECT -n, 1, repeat(md5(n::text), 40) FROM generate_series(1, 20000) AS n"  # 25 MB


@pytest.mark.parametrize(("database", "role"), [("main", "debezium"), ("replica", "sink"), ("main", "verifier")])
def test_connections_cut(survives: Callable[..., Outcome], database: str, role: str) -> None:
    survives(partial(causes.cut_connections, database, role, CUT))


def test_disk_of_replica_full(survives: Callable[..., Outcome]) -> None:
    def cause() -> None:
        with causes.largest_file("replica", LARGEST_FILE):
            with connect("main") as main:
                main.execute(FILL)
            wait_until(lambda: any(each.is_failed for each in worker().statuses().values()), "a full disk", TIMEOUT)

    with connect("main") as main:
        main.execute(f"DELETE FROM {TABLE} WHERE id < 0")
    survives(cause)


def test_disk_of_main_full(survives: Callable[..., Outcome]) -> None:
    def cause() -> None:
        with (
            causes.largest_file("main", LARGEST_FILE),
            connect("main") as main,
            pytest.raises(Exception, match="File too large"),
        ):
            main.execute(FILL)

    survives(cause)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_truncated_while_connect_ends(survives: Callable[..., Outcome], number: signal.Signals) -> None:
    def cause() -> None:
        with connect("main") as main:
            main.execute(f"TRUNCATE {TABLE}")
            causes.signal_processes(CONNECT, number)
            main.execute(f"TRUNCATE {TABLE}")

    survives(cause)


def test_second_watchdog(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    with repairer("cdc_connectors.connectors.watchdog", WATCHDOG_PORT=port) as second:
        output = second.stdout
        assert output is not None
        wait_until(lambda: b"Kafka Connect answers" in output.readline(), "the second watchdog", TIMEOUT)
        copies(causes.drop_slot)
        second.terminate()
