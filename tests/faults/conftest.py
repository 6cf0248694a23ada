"""Fixtures of the fault tests: the running part of the test stack that replicates, and a writer of numbered rows.

At the end, a table shows for each fault the rows written, lost and surplus, and the seconds until the replica followed main again.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest

from common.waiting import wait_until
from tests.faults.writer import TABLE, Writer, connect, create_table, drop_table
from tests.running_stack import export_settings, runtime, verify

RECOVERY_TIMEOUT = 240  # seconds until a row that was written after the fault must be in the replica
outcomes: list["Outcome"] = []


@dataclass(frozen=True)
class Outcome:
    """What came of one fault. `lost` rows are only in main, `surplus` rows only in the replica, `differing` in both."""

    fault: str
    written: int
    lost: int
    surplus: int
    differing: int
    seconds: float


@pytest.fixture(scope="session", autouse=True)
def settings() -> dict[str, str]:
    """Start the databases, Kafka, Kafka Connect and the watchdog of the test stack, unless they run. Return its settings."""
    done = runtime("up", "debezium")
    assert done.returncode == 0, done.stdout + done.stderr
    return export_settings()


@pytest.fixture(scope="session", autouse=True)
def table(settings: dict[str, str]) -> Iterator[str]:
    """Create the table that is written to, and drop it at the end."""
    create_table()
    yield TABLE
    assert all(found["equal"] for found in verify().values())  # Nothing may be on its way to the dropped table.
    drop_table()


@pytest.fixture
def survives(request: pytest.FixtureRequest) -> Callable[..., Outcome]:
    """Return a function that causes a fault while rows are written, waits until the replica follows main again, and compares them."""

    def run(cause: Callable[[], None], is_repaired: Callable[[], bool] = _is_copied) -> Outcome:
        with Writer() as writer:
            writer.wait_for_rows(200)
            cause()
            started = time.monotonic()
            writer.wait_until_replicated(RECOVERY_TIMEOUT)
            wait_until(is_repaired, "the repair of the replica", RECOVERY_TIMEOUT, ignore=psycopg.OperationalError)
            seconds = time.monotonic() - started
        found = verify()
        kinds = [each["difference"] for each in found[TABLE]["differences"]]
        outcome = Outcome(
            request.node.name.removeprefix("test_"),
            writer.rows,
            kinds.count("missing in replica"),
            kinds.count("only in replica"),
            kinds.count("differs"),
            seconds,
        )
        outcomes.append(outcome)
        assert {name for name, result in found.items() if not result["equal"]} == set()
        return outcome

    return run


@pytest.fixture
def copies(survives: Callable[..., Outcome]) -> Callable[[Callable[[], None]], Outcome]:
    """Like `survives`, for a fault after which main is copied to the replica again."""

    def run(cause: Callable[[], None]) -> Outcome:
        before = resync_id("main")
        return survives(cause, lambda: resync_id("main") != before and _is_copied())

    return run


def resync_id(database: str) -> str | None:
    """Return the id of the last copy of main to the replica, as one of them has it."""
    with connect(database) as connection:
        row = connection.execute("SELECT resync_id FROM cdc.resync").fetchone()
    return row[0] if row else None


def _is_copied() -> bool:
    return resync_id("main") == resync_id("replica")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not outcomes:
        return
    terminalreporter.write_line(f"{'fault':<44}{'written':>9}{'lost':>6}{'surplus':>9}{'differing':>11}{'seconds':>9}")
    for each in outcomes:
        terminalreporter.write_line(
            f"{each.fault:<44}{each.written:>9}{each.lost:>6}{each.surplus:>9}{each.differing:>11}{each.seconds:>9.1f}"
        )
