"""Each loss of changes between main and the replica is found and named; a chain that is complete has no fault."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.repair import health
from cdc_connectors.repair.health import find_fault
from cdc_connectors.repair.slot import Slot
from tests.cdc_connectors.conftest import SECRET, ScriptedConnect
from tests.cdc_connectors.repair.kafka_positions import PARTITION, Positions

TABLE = "CREATE SCHEMA cdc; CREATE TABLE cdc.resync (id smallint PRIMARY KEY, resync_id text, kafka_cluster_id text)"
TABLE += "; CREATE TABLE cdc.marker (marker_id text PRIMARY KEY, written_at timestamptz NOT NULL)"
MARKER = "INSERT INTO cdc.marker VALUES (%s, now() - %s::interval)"
OFFSETS = "/connectors/main-source/offsets"


@pytest.fixture(scope="module")
def urls(new_database: Callable[[str], str]) -> tuple[str, str]:
    urls = new_database("main"), new_database("replica")
    for url in urls:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(TABLE)
    return urls


class World:
    """A complete chain, which a test damages."""

    def __init__(self, main: psycopg.Connection, replica: psycopg.Connection, server: ScriptedConnect) -> None:
        self.main, self.replica, self.server = main, replica, server
        self.kafka = Positions()
        for connection in (main, replica):
            connection.execute("TRUNCATE cdc.resync, cdc.marker; INSERT INTO cdc.resync VALUES (1, 'copy', 'cluster')")
        self.offset(100)

    def offset(self, *positions: int) -> None:
        offsets = [
            {"partition": {"server": "main"}, "offset": {"lsn": each, "lsn_commit": each - 1}} for each in positions
        ]
        self.server.set_answers("GET", OFFSETS, (200, {"offsets": offsets}))

    def markers(self, *, only_in_main: str = "", **ages: str) -> None:
        """Write markers of these names and ages to both databases, but one to main only."""
        for name, age in ages.items():
            for connection in (self.main,) if name == only_in_main else (self.main, self.replica):
                connection.execute(MARKER, (name, age))

    def fault(self) -> str | None:
        return find_fault(self.main, self.replica, Connect(self.server.url, SECRET), self.kafka)  # type: ignore[arg-type]


@pytest.fixture
def world(urls: tuple[str, str], connect_server: ScriptedConnect, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    slot(monkeypatch, Slot(100, ""))
    with psycopg.connect(urls[0], autocommit=True) as main, psycopg.connect(urls[1], autocommit=True) as replica:
        yield World(main, replica, connect_server)


def slot(monkeypatch: pytest.MonkeyPatch, found: Slot | None) -> None:
    monkeypatch.setattr(health, "read_slot", lambda _: found)


def test_complete_chain_has_no_fault(world: World) -> None:
    assert world.fault() is None


def test_topic_that_was_never_read_from_its_start_is_no_fault(world: World) -> None:
    world.kafka.read, world.kafka.first = {}, {PARTITION: 0}
    assert world.fault() is None


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (None, "main has no replication slot cdc: it was dropped"),
        (Slot(100, "wal_removed"), "main invalidated the replication slot cdc (wal_removed)"),
        (Slot(101, ""), "The replication slot cdc is newer than the offset of main-source"),
    ],
)
def test_lost_slot_is_a_fault(world: World, monkeypatch: pytest.MonkeyPatch, found: Slot | None, fault: str) -> None:
    monkeypatch.setattr(health, "OFFSET_TIMEOUT", 0.0)
    slot(monkeypatch, found)
    assert str(world.fault()).startswith(fault)


def test_offset_that_is_stored_a_moment_later_is_no_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slot(monkeypatch, Slot(101, ""))
    answers = [(200, {"offsets": [{"partition": {}, "offset": {"lsn": lsn}}]}) for lsn in (100, 100, 101)]
    world.server.set_answers("GET", OFFSETS, *answers)
    assert world.fault() is None


def test_lost_offset_of_source_is_a_fault(world: World) -> None:
    world.offset()
    assert world.fault() == "Kafka Connect has no offset of main-source."


def test_missing_source_is_a_fault(world: World) -> None:
    world.server.set_answers("GET", OFFSETS, (404, {"message": "not found"}))
    assert world.fault() == "Kafka Connect has no offset of main-source."


def test_other_cluster_is_a_fault_even_if_connect_does_not_answer(world: World) -> None:
    world.kafka.cluster = "new"
    world.server.set_answers("GET", OFFSETS, (503, {"message": "not yet"}))
    assert world.fault() == "Kafka lost its data: its cluster is new, and the replica was filled through cluster."


def test_expired_changes_are_a_fault(world: World) -> None:
    world.kafka.first = {PARTITION: 8}
    assert world.fault() == (
        "The replica needs changes of main.mart.day from number 7 on, and Kafka no longer has those before 8."
    )


def test_topic_shorter_than_what_was_read_is_a_fault(world: World) -> None:
    world.kafka.first, world.kafka.end = {PARTITION: 0}, {}
    assert (
        world.fault() == "Kafka lost changes of main.mart.day: it ends at number 0, and the replica has read up to 7."
    )


@pytest.mark.parametrize("change", ["TRUNCATE cdc.resync", "UPDATE cdc.resync SET resync_id = 'older'"])
def test_other_replica_is_a_fault(world: World, change: str) -> None:
    world.replica.execute(change)
    assert world.fault() == "The replica is new, was restored from an old backup, or copying it was interrupted."


def test_main_without_a_copy_was_never_filled(world: World) -> None:
    world.main.execute("TRUNCATE cdc.resync")
    assert world.fault() == "The replica has never been filled."


def test_replica_without_a_marker_that_has_newer_ones_is_a_fault(world: World) -> None:
    world.markers(only_in_main="b", a="5 minutes", b="3 minutes", c="1 minute")
    assert str(world.fault()).startswith("The replica lacks changes that are older than its newest one")


@pytest.mark.parametrize("age", ["10 seconds", "90 seconds", "23 hours 30 minutes"])
def test_marker_that_is_on_its_way_or_about_to_be_deleted_is_no_fault(world: World, age: str) -> None:
    """It is newer than the replica's newest one, written at the same time, or expired in the replica already."""
    world.markers(only_in_main="on its way", **{"last": "60 seconds", "on its way": age})
    assert world.fault() is None
