"""What a fault test does to the stack: kill, stop and damage the parts of the chain from main to the replica."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import requests
from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.settings import CONNECT_USER, KAFKA_USER
from cdc_connectors.verification.catch_up import TOPIC_PREFIX
from common.waiting import wait_until
from tests.faults.writer import TABLE, connect
from tests.running_stack import STATE

KAFKA, CONNECT, WATCHDOG = "kafka.Kafka", "ConnectDistributed", "cdc_connectors.connectors.watchdog"
TOPIC = TopicPartition(f"{TOPIC_PREFIX}{TABLE}", 0)
TIMEOUT = 60.0  # seconds for a step of a fault


def signal_processes(command: str, number: int) -> None:
    """Send a signal to the test stack's processes whose command line has `command`."""
    victims = _processes(command)
    assert victims, f"no process runs {command}"
    for victim in victims:
        os.kill(victim, number)


def kill(command: str) -> None:
    signal_processes(command, signal.SIGKILL)


@contextmanager
def without_watchdog() -> Iterator[None]:
    """Freeze the watchdog, which would repair a half-done fault."""
    signal_processes(WATCHDOG, signal.SIGSTOP)
    try:
        yield
    finally:
        signal_processes(WATCHDOG, signal.SIGCONT)


def signal_database(name: str, number: int) -> None:
    """Send a signal to a server; SIGSTOP and SIGCONT to its processes, too, which go on without it."""
    server = int((STATE / "data" / name / "postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    for process in (server, *map(int, children if number in (signal.SIGSTOP, signal.SIGCONT) else ())):
        os.kill(process, number)


def cut_connections(database: str, role: str, seconds: float) -> None:
    """End every connection of a role to a database, again and again."""
    end = time.monotonic() + seconds
    with connect(database) as connection:
        while time.monotonic() < end:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,))
            threading.Event().wait(0.1)


@contextmanager
def largest_file(database: str, size: int) -> Iterator[None]:
    """Let a server write no file that is larger, which it reports as it reports a full disk."""
    server = int((STATE / "data" / database / "postmaster.pid").read_text().splitlines()[0])
    owner = os.stat(f"/proc/{server}")

    def limit(value: str) -> None:
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        for process in (str(server), *children):
            # The soft limit only: nobody could raise the other one again.
            subprocess.run(
                ["prlimit", f"--pid={process}", f"--fsize={value}:"], user=owner.st_uid, group=owner.st_gid, check=False
            )

    limit(str(size))
    try:
        yield
    finally:
        limit("unlimited")


def worker() -> Connect:
    return Connect(os.environ["CONNECT_URL"], os.environ["CONNECT_PASSWORD"])


def stop(name: str) -> Connect:
    """Stop a connector, and wait until its tasks have ended."""
    connectors = worker()
    connectors.stop(name)
    wait_until(lambda: connectors.statuses()[name].is_stopped, f"{name} to stop", TIMEOUT)
    return connectors


def delete_offsets(name: str) -> None:
    url = f"{os.environ['CONNECT_URL']}/connectors/{name}/offsets"
    requests.delete(url, auth=(CONNECT_USER, os.environ["CONNECT_PASSWORD"]), timeout=30).raise_for_status()


def first_offset() -> int:
    """Return the first offset of the table's topic that Kafka still has."""
    return _offset(OffsetSpec.EARLIEST)


def end_offset() -> int:
    return _offset(OffsetSpec.LATEST)


def delete_records() -> None:
    """Delete all records of the table's topic, as Kafka does when they expire."""
    with closing(_admin()) as client:
        client.delete_records({TOPIC: -1})


def _offset(wanted: OffsetSpec) -> int:
    with closing(_admin()) as client:
        return int(client.list_partition_offsets({TOPIC: wanted})[TOPIC].offset)


def _admin() -> KafkaAdminClient:
    return KafkaAdminClient(
        bootstrap_servers=os.environ["KAFKA_BOOTSTRAP"],
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_plain_username=KAFKA_USER,
        sasl_plain_password=os.environ["KAFKA_PASSWORD"],
    )


def drop_slot() -> None:
    with connect("main") as main:
        main.execute("SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE slot_name = 'cdc'")
        main.execute("SELECT pg_drop_replication_slot('cdc')")


def _processes(command: str) -> list[int]:
    found = []
    ours = f"LISTENING_STATE={STATE}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            variables = (folder / "environ").read_bytes().split(b"\0")
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if ours in variables and command in words:
            found.append(int(folder.name))
    return found
