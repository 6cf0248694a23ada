"""The watchdog restarts what failed, with growing pauses, and tells its health over HTTP."""

import json
import threading

import pytest
import requests

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.connectors.watchdog import HEALED_AFTER, LONGEST_PAUSE, STALLED_AFTER, Watchdog, health_server
from common.json_lines import set_up_logging

RESTART = "/connectors/sink/restart?includeTasks=true&onlyFailed=true"


def statuses(task: str) -> tuple[int, object]:
    tasks = [{"state": task, "trace": "Caused by: Connection refused"}]
    return 200, {"sink": {"status": {"connector": {"state": "RUNNING"}, "tasks": tasks}}}


@pytest.fixture
def server(connect_server):
    connect_server.says("GET", "/connectors?expand=status", statuses("FAILED"))
    connect_server.says("POST", RESTART, (202, {}))
    return connect_server


def restarts(server, watchdog: Watchdog, moments: list[float]) -> list[float]:
    """The moments, of those at which it looks, when it restarts."""
    seen = []
    for moment in moments:
        before = server.count("POST", RESTART)
        watchdog.look(moment)
        seen += [moment] * (server.count("POST", RESTART) - before)
    return seen


def test_what_runs_is_left_alone(server):
    server.says("GET", "/connectors?expand=status", statuses("RUNNING"))
    assert restarts(server, Watchdog(Connect(server.url)), [0, 2, 4]) == []


def test_what_keeps_failing_is_restarted_at_doubling_pauses(server):
    every_two = [float(second) for second in range(0, 64, 2)]
    assert restarts(server, Watchdog(Connect(server.url)), every_two) == [0, 2, 6, 14, 30, 60]


def test_pauses_stop_growing(server):
    found = restarts(server, Watchdog(Connect(server.url)), [float(second) for second in range(0, 400, 2)])
    assert found[-1] - found[-2] == LONGEST_PAUSE


def test_after_a_while_of_running_the_next_failure_is_restarted_at_once(server):
    watchdog = Watchdog(Connect(server.url))
    restarts(server, watchdog, [0, 2, 6, 14])
    server.says("GET", "/connectors?expand=status", statuses("RUNNING"))
    restarts(server, watchdog, [16, 15 + HEALED_AFTER])
    server.says("GET", "/connectors?expand=status", statuses("FAILED"))
    assert restarts(server, watchdog, [17 + HEALED_AFTER]) == [17 + HEALED_AFTER]


def test_a_failure_is_logged_as_one_json_line_with_its_cause(server, capsys):
    set_up_logging("cdc-watchdog")
    Watchdog(Connect(server.url)).look(0)
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["level"], first["connector"], first["cause"]) == ("warning", "sink", "Connection refused")


def test_a_connect_that_is_away_is_logged_once_and_survived(server, capsys):
    set_up_logging("cdc-watchdog")
    server.says("GET", "/connectors?expand=status", (503, {"message": "starting"}))
    watchdog = Watchdog(Connect(server.url))
    for moment in (0, 2, 4):
        watchdog.look(moment)
    assert len(capsys.readouterr().out.splitlines()) == 1
    server.says("GET", "/connectors?expand=status", statuses("FAILED"))
    assert restarts(server, watchdog, [6]) == [6]


@pytest.fixture
def health():
    """Ask a watchdog over HTTP."""
    servers = []

    def ask(watchdog: Watchdog, path: str = "/healthz") -> tuple[int, str]:
        served = health_server(watchdog, "127.0.0.1", 0)
        servers.append(served)
        threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        answer = requests.get(f"http://127.0.0.1:{served.server_port}{path}", timeout=5)
        return answer.status_code, answer.json()["status"]

    yield ask
    for served in servers:
        served.shutdown()
        served.server_close()


def test_healthz_is_ok_while_it_looks_even_when_connect_is_away(health):
    assert health(Watchdog(Connect("http://127.0.0.1:9"), connect_answers=False)) == (200, "ok")


def test_healthz_is_not_ok_when_it_has_stopped_looking(health):
    watchdog = Watchdog(Connect("http://127.0.0.1:9"))
    watchdog.looked_at -= STALLED_AFTER + 1
    assert health(watchdog) == (503, "stalled")


def test_other_paths_are_not_found(health):
    assert health(Watchdog(Connect("http://127.0.0.1:9")), "/") == (404, "not found")
