"""The watchdog restarts failed connectors with exponential backoff, and repairs lost changes."""

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.connectors.watchdog import LONGEST_PAUSE, RECOVERED_AFTER, Watchdog
from cdc_connectors.errors import CdcError, ResyncNeeded, ResyncRunning, Unavailable
from common.database import DatabaseUnreachable
from common.json_lines import set_up_logging
from tests.cdc_connectors.conftest import SECRET, ScriptedConnect

LOST = "Changes were lost. Run make resync-replica."
RESTART = "/connectors/sink/restart?includeTasks=true&onlyFailed=true"


def statuses(task: str) -> tuple[int, dict[str, Any]]:
    tasks = [{"state": task, "trace": "Caused by: Connection refused"}]
    return 200, {"sink": {"status": {"connector": {"state": "RUNNING"}, "tasks": tasks}}}


@pytest.fixture
def server(connect_server: ScriptedConnect) -> ScriptedConnect:
    connect_server.set_answers("GET", "/connectors?expand=status", statuses("FAILED"))
    connect_server.set_answers("POST", RESTART, (202, {}))
    return connect_server


def healthy(is_blocked: bool) -> int:
    """Find no lost changes and no dead letters."""
    return 0


def watch(server: ScriptedConnect, repair: Callable[[bool], int] = healthy) -> Watchdog:
    return Watchdog(Connect(server.url, SECRET), repair)


def restarts(server: ScriptedConnect, watchdog: Watchdog, moments: list[float]) -> list[float]:
    """Run one check at each of these moments. Return the moments of those that restarted the connector."""
    restarted_at = []
    for moment in moments:
        before = server.count("POST", RESTART)
        watchdog.check(moment)
        restarted_at += [moment] * (server.count("POST", RESTART) - before)
    return restarted_at


def test_running_connector_is_not_restarted(server: ScriptedConnect) -> None:
    server.set_answers("GET", "/connectors?expand=status", statuses("RUNNING"))
    assert restarts(server, watch(server), [0, 2, 4]) == []


def test_failing_connector_is_restarted_with_doubling_pauses(server: ScriptedConnect) -> None:
    every_two_seconds = [float(second) for second in range(0, 64, 2)]
    assert restarts(server, watch(server), every_two_seconds) == [0, 2, 6, 14, 30, 60]


def test_pause_has_an_upper_limit(server: ScriptedConnect) -> None:
    found = restarts(server, watch(server), [float(second) for second in range(0, 400, 2)])
    assert found[-1] - found[-2] == LONGEST_PAUSE


def test_backoff_is_reset_after_connector_has_run_for_a_while(server: ScriptedConnect) -> None:
    watchdog = watch(server)
    restarts(server, watchdog, [0, 2, 6, 14])
    server.set_answers("GET", "/connectors?expand=status", statuses("RUNNING"))
    restarts(server, watchdog, [16, 15 + RECOVERED_AFTER])
    server.set_answers("GET", "/connectors?expand=status", statuses("FAILED"))
    assert restarts(server, watchdog, [17 + RECOVERED_AFTER]) == [17 + RECOVERED_AFTER]


def test_restart_is_logged_with_cause(server: ScriptedConnect, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("cdc-watchdog")
    watch(server).check(0)
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (last["level"], last["connector"], last["cause"]) == ("warning", "sink", "Connection refused")


def test_failing_connectors_are_named_with_their_cause_until_they_run(server: ScriptedConnect) -> None:
    watchdog = watch(server)
    watchdog.check(0)
    assert watchdog.failing == {"sink": "Connection refused"}
    server.set_answers("GET", "/connectors?expand=status", statuses("RUNNING"))
    watchdog.check(2)
    assert watchdog.failing == {}


def test_unavailable_connect_is_logged_once_and_does_not_stop_watchdog(
    server: ScriptedConnect, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging("cdc-watchdog")
    server.set_answers("GET", "/connectors?expand=status", (503, {"message": "starting"}))
    watchdog = watch(server)
    for moment in (0, 2, 4):
        watchdog.check(moment)
    assert len(capsys.readouterr().out.splitlines()) == 1
    server.set_answers("GET", "/connectors?expand=status", statuses("FAILED"))
    assert restarts(server, watchdog, [6]) == [6]


def failing(error: Exception) -> Callable[[bool], int]:
    def repair(is_blocked: bool) -> int:
        raise error

    return repair


REFUSED = psycopg.errors.UndefinedTable('relation "cdc.resync" does not exist')


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ResyncNeeded(LOST), LOST),
        (CdcError(LOST), LOST),
        (REFUSED, 'A database refused the repair: relation "cdc.resync" does not exist.'),
    ],
)
def test_nothing_is_restarted_while_changes_are_lost(
    server: ScriptedConnect, capsys: pytest.CaptureFixture[str], error: Exception, fault: str
) -> None:
    set_up_logging("cdc-watchdog")
    watchdog = watch(server, failing(error))
    assert restarts(server, watchdog, [0, 2, 12, 24]) == []
    assert watchdog.fault == fault
    errors = [line for line in capsys.readouterr().out.splitlines() if json.loads(line)["level"] == "error"]
    assert len(errors) == 1


def test_nothing_is_restarted_while_another_process_repairs(server: ScriptedConnect) -> None:
    assert restarts(server, watch(server, failing(ResyncRunning("Another process."))), [0, 2]) == []


@pytest.mark.parametrize("error", [Unavailable("Kafka does not answer."), DatabaseUnreachable("main is down.")])
def test_failed_connector_is_restarted_if_nobody_knows_whether_changes_are_lost(
    server: ScriptedConnect, error: Exception
) -> None:
    assert restarts(server, watch(server, failing(error)), [0]) == [0]


def test_connectors_are_restarted_again_after_the_repair(server: ScriptedConnect) -> None:
    answers = [ResyncNeeded(LOST), None]

    def repair(is_blocked: bool) -> int:
        if error := answers.pop(0) if len(answers) > 1 else answers[0]:
            raise error
        return 0

    watchdog = watch(server, repair)
    assert restarts(server, watchdog, [0, 2, 10]) == [10]
    assert watchdog.fault == ""


def test_failed_repair_is_repeated_after_a_longer_pause(server: ScriptedConnect) -> None:
    looked: list[bool] = []

    def repair(is_blocked: bool) -> int:
        looked.append(is_blocked)
        raise CdcError(LOST)

    watchdog = watch(server, repair)
    for moment in range(0, 142, 2):
        watchdog.check(float(moment))
    assert len(looked) == 3  # After 0, 70 and 140 s.


def test_lost_changes_are_looked_for_at_once_when_a_connector_is_missing(server: ScriptedConnect) -> None:
    looked: list[bool] = []

    def repair(is_blocked: bool) -> int:
        looked.append(is_blocked)
        return 0

    server.set_answers("GET", "/connectors?expand=status", (200, {}))
    watchdog = watch(server, repair)
    for moment in (0, 2, 4):
        watchdog.check(moment)
    assert len(looked) == 3


Blocked = tuple[Callable[[bool], int], list[bool]]


@pytest.fixture
def blocked() -> Blocked:
    """Return a repair that records its argument, and the list of the recorded arguments."""
    arguments: list[bool] = []

    def repair(is_blocked: bool) -> int:
        arguments.append(is_blocked)
        return 2 if is_blocked else 0

    return repair, arguments


def failing_sink(server: ScriptedConnect) -> None:
    _, answer = statuses("FAILED")
    server.set_answers("GET", "/connectors?expand=status", (200, {"replica-sink": answer["sink"]}))
    server.set_answers("POST", RESTART.replace("sink", "replica-sink", 1), (202, {}))


def test_sink_that_still_fails_after_three_restarts_is_brought_past_its_changes(
    server: ScriptedConnect, blocked: Blocked
) -> None:
    repair, arguments = blocked
    failing_sink(server)
    watchdog = watch(server, repair)
    for moment in range(0, 16, 2):
        watchdog.check(float(moment))
    assert arguments == [False] * 7 + [
        True
    ]  # Restarts after 0, 2 and 6 s; blocked when the next one is due, after 14 s.
    assert watchdog.dead_letters == 2
    for moment in range(16, 30, 2):
        watchdog.check(float(moment))
    assert arguments[8:] == [False] * 7


def test_sink_is_restarted_again_after_a_database_was_down(server: ScriptedConnect) -> None:
    failing_sink(server)
    watchdog = watch(server, failing(DatabaseUnreachable("The replica is down.")))
    for moment in range(0, 50, 2):
        watchdog.check(float(moment))
    # After 0, 2 and 6 s, and not after 14 s, but after 30 s.
    assert server.count("POST", RESTART.replace("sink", "replica-sink", 1)) == 4


def test_failing_source_is_not_a_blocked_sink(server: ScriptedConnect, blocked: Blocked) -> None:
    repair, arguments = blocked
    restarts(server, watch(server, repair), [float(second) for second in range(0, 64, 2)])
    assert not any(arguments)
