"""Changes that the sink cannot write: the rest flows on, and `make dead-letters` repairs the rows that the replica refused."""

import os
from collections.abc import Callable, Iterator

import pytest
from kafka import KafkaProducer

from cdc_connectors.repair import dead_letters
from cdc_connectors.verification.topics import Topics
from common.exit_codes import ExitCode
from tests.faults.causes import TIMEOUT, TOPIC
from tests.faults.conftest import Outcome
from tests.faults.writer import TABLE, Writer, connect
from tests.running_stack import runtime, verify

POISON = "refused by the replica"
UNBLOCK_TIMEOUT = 120  # seconds: three restarts of the sink, then a copy of the unread rows


@pytest.fixture
def topics() -> Iterator[Topics]:
    found = Topics(os.environ["KAFKA_BOOTSTRAP"], os.environ["KAFKA_PASSWORD"])
    yield found
    found.close()


@pytest.fixture
def refusing() -> Iterator[None]:
    """Let the replica refuse some rows."""
    with connect("replica") as replica:
        replica.execute(
            f"ALTER TABLE {TABLE} ADD CONSTRAINT refuses CHECK (note IS DISTINCT FROM '{POISON}') NOT VALID"
        )
        yield
        replica.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS refuses")


def test_refused_rows_become_dead_letters_and_the_others_flow_on(refusing: None, topics: Topics) -> None:
    with Writer() as writer, connect("main") as main:
        writer.wait_for_rows(200)
        main.execute(f"INSERT INTO {TABLE} VALUES (-1, 1, 'accepted')")
        writer.wait_until_replicated(UNBLOCK_TIMEOUT)
        main.execute(f"INSERT INTO {TABLE} VALUES (-2, 1, '{POISON}')")
        main.execute(f"UPDATE {TABLE} SET note = '{POISON}' WHERE id = -1")
        writer.wait_until_replicated(UNBLOCK_TIMEOUT)
    assert [(each["key"]["id"], each["difference"]) for each in verify()[TABLE]["differences"]] == [
        (-1, "differs"),
        (-2, "missing in replica"),
    ]
    letters = dead_letters.read(topics)
    assert [(each.table, each.key) for each in letters] == [(TABLE, ("-1",)), (TABLE, ("-2",))]
    assert {each.cause for each in letters} == {'new row for relation "fault_test" violates check constraint "refuses"'}

    listed = runtime("dead-letters")
    assert (listed.returncode, '["-2"]' in listed.stdout) == (ExitCode.NO, True), listed.stdout + listed.stderr
    status = runtime("status")
    assert "the replica refuses 2 rows of main" in status.stdout

    with connect("main") as main, connect("replica") as replica:
        main.execute(f"DELETE FROM {TABLE} WHERE id = -2")
        replica.execute(f"ALTER TABLE {TABLE} DROP CONSTRAINT refuses")
    repaired = runtime("dead-letters", "--repair")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert verify()[TABLE]["equal"]
    assert dead_letters.read(topics) == []


def test_record_that_cannot_be_read(survives: Callable[..., Outcome], topics: Topics) -> None:
    def cause() -> None:
        producer = KafkaProducer(**topics.options)
        producer.send(TOPIC.topic, b"no JSON", b"no JSON either").get(timeout=TIMEOUT)
        producer.close()

    survives(cause)
