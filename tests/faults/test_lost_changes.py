"""If changes are lost on the way from main to the replica, the replica is copied again: no row is lost, and none is resurrected."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from cdc_connectors.configs.render import SINK
from cdc_connectors.repair.copying import COPIED_SCHEMAS
from cdc_connectors.verification.tables import tables
from common.waiting import wait_until
from tests.faults.causes import (
    KAFKA,
    TIMEOUT,
    delete_records,
    drop_slot,
    end_offset,
    kill,
    stop,
    without_watchdog,
)
from tests.faults.conftest import Outcome
from tests.faults.writer import connect


def test_slot_dropped(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    copies(drop_slot)


def test_unread_changes_expired_in_kafka(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    def cause() -> None:
        with without_watchdog():
            stop(SINK)
            first = end_offset()
            wait_until(lambda: end_offset() > first + 100, "changes that the sink has not read", TIMEOUT)
            delete_records()

    copies(cause)


def test_replica_emptied(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    def cause() -> None:
        with connect("replica") as replica:
            for table in tables(replica, COPIED_SCHEMAS):
                replica.execute(f"TRUNCATE {table}")

    copies(cause)


def test_kafka_data_deleted(copies: Callable[[Callable[[], None]], Outcome]) -> None:
    def cause() -> None:
        shutil.rmtree(Path(os.environ["KAFKA_DIR"]) / "data")
        kill(KAFKA)

    copies(cause)
