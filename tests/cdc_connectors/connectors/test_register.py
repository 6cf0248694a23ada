"""Registration sends changed configs, waits until connectors run, and reports those that do not."""

import pytest

from cdc_connectors.connectors import register as module
from cdc_connectors.connectors.register import send_configs, wait_until_running
from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import ConnectError, ConnectorFailed, Unavailable
from common.waiting import Deadline
from tests.cdc_connectors.conftest import SECRET, ScriptedConnect

CONFIGS = {"main-source": {"tasks.max": "1"}, "replica-sink": {"tasks.max": "1"}}
RESTART = "/connectors/main-source/restart?includeTasks=true&onlyFailed=true"
TRACE = "org.apache.kafka.connect.errors.ConnectException: outer\n\tat a.B.c(B.java:1)\n"
TRACE += "Caused by: java.net.ConnectException: Connection refused\n\t... 3 more"


def status(state: str, *tasks: str, trace: str = "") -> dict[str, object]:
    return {"status": {"connector": {"state": state}, "tasks": [{"state": task, "trace": trace} for task in tasks]}}


def statuses(source: dict[str, object]) -> tuple[int, object]:
    return 200, {"main-source": source, "replica-sink": status("RUNNING", "RUNNING")}


RUNNING = statuses(status("RUNNING", "RUNNING"))
FAILED = statuses(status("RUNNING", "FAILED", trace=TRACE))


@pytest.fixture
def server(connect_server: ScriptedConnect, monkeypatch: pytest.MonkeyPatch) -> ScriptedConnect:
    """A Connect that has both configs and runs both connectors."""
    monkeypatch.setattr(module, "RESTART_INTERVAL", 0.0)
    connect_server.set_answers("GET", "/connectors", (200, list(CONFIGS)))
    connect_server.set_answers("GET", "/connectors?expand=status", RUNNING)
    connect_server.set_answers("POST", RESTART, (202, {}))
    for name, config in CONFIGS.items():
        connect_server.set_answers("GET", f"/connectors/{name}/config", (200, config | {"name": name}))
        connect_server.set_answers("PUT", f"/connectors/{name}/config", (201, {}))
    return connect_server


def run(server: ScriptedConnect, seconds: float = 10) -> None:
    worker, deadline = Connect(server.url, SECRET), Deadline(seconds)
    send_configs(worker, CONFIGS, deadline)
    for name in CONFIGS:
        wait_until_running(worker, name, deadline)


def test_register_is_a_no_op_when_configs_are_equal(server: ScriptedConnect) -> None:
    run(server)
    assert not [request for request in server.requests if request[0] != "GET"]


def test_changed_config_is_sent_and_new_connector_does_not_run_yet(server: ScriptedConnect) -> None:
    server.set_answers("GET", "/connectors/main-source/config", (404, {"message": "not found"}))
    server.set_answers("GET", "/connectors/replica-sink/config", (200, {"tasks.max": "2"}))
    server.set_answers("POST", "/connectors", (201, {}))
    run(server)
    new = {"name": "main-source", "config": CONFIGS["main-source"], "initial_state": "STOPPED"}
    assert [request for request in server.requests if request[0] != "GET"] == [
        ("POST", "/connectors", new),
        ("PUT", "/connectors/replica-sink/config", CONFIGS["replica-sink"]),
    ]


@pytest.mark.parametrize(
    "busy_answer",
    [
        (404, "<html>the web server, before its REST API</html>"),
        (409, {"message": "Cannot complete request momentarily due to stale configuration"}),
        (500, {"message": "Request cannot be completed because a rebalance is expected"}),
        (503, {"message": "the worker is starting"}),
    ],
)
def test_register_retries_while_connect_is_starting(server: ScriptedConnect, busy_answer: tuple[int, object]) -> None:
    server.set_answers("GET", "/connectors", busy_answer, (200, []))
    server.set_answers("GET", "/connectors/main-source/config", busy_answer, (404, {"message": "not found"}))
    server.set_answers("POST", "/connectors", busy_answer, (201, {}))
    server.set_answers("GET", "/connectors?expand=status", busy_answer, RUNNING)
    run(server)
    assert server.count("POST", "/connectors") == 2


def test_register_reports_refused_password_at_once(server: ScriptedConnect) -> None:
    with pytest.raises(ConnectError, match=rf"^Kafka Connect at {server.url} refused CONNECT_PASSWORD\."):
        send_configs(Connect(server.url, "another"), CONFIGS, Deadline(60))
    assert server.requests == []


def test_register_waits_until_every_task_runs(server: ScriptedConnect) -> None:
    states = [
        (200, {}),
        statuses(status("UNASSIGNED")),
        statuses(status("RUNNING")),
        statuses(status("RUNNING", "UNASSIGNED")),
    ]
    server.set_answers("GET", "/connectors?expand=status", *states, RUNNING)
    run(server)
    assert server.count("GET", "/connectors?expand=status") == len(states) + 2  # RUNNING is read once per connector


def test_register_restarts_failed_task(server: ScriptedConnect) -> None:
    server.set_answers("GET", "/connectors?expand=status", FAILED, RUNNING)
    run(server)
    assert server.count("POST", RESTART) == 1


def test_register_reports_cause_of_task_that_keeps_failing(server: ScriptedConnect) -> None:
    server.set_answers("GET", "/connectors?expand=status", FAILED)
    with pytest.raises(
        ConnectorFailed,
        match=r"^main-source still fails after 3 restarts: java.net.ConnectException: Connection refused$",
    ):
        run(server)
    assert server.count("POST", RESTART) == module.MAX_RESTARTS


def test_register_reports_why_connect_refused_config(server: ScriptedConnect) -> None:
    server.set_answers("GET", "/connectors/main-source/config", (200, {"tasks.max": "2"}))
    server.set_answers(
        "PUT",
        "/connectors/main-source/config",
        (400, {"message": "Connector configuration is invalid:\nno such class"}),
    )
    with pytest.raises(
        ConnectError,
        match="400 to PUT /connectors/main-source/config: Connector configuration is invalid: no such class",
    ):
        run(server)


def test_register_gives_up_when_connect_does_not_answer() -> None:
    with pytest.raises(Unavailable, match=r"Kafka Connect did not answer at http://127.0.0.1:9 within 0 s"):
        send_configs(Connect("http://127.0.0.1:9", SECRET), CONFIGS, Deadline(0))


def test_failing_sink_is_unblocked_once_after_restarts(
    server: ScriptedConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RESTART_INTERVAL", 0.0)
    failed = status("RUNNING", "FAILED", trace=TRACE)
    server.set_answers("GET", "/connectors?expand=status", (200, {"replica-sink": failed}))
    server.set_answers("POST", RESTART.replace("main-source", "replica-sink"), (202, {}))
    unblocked: list[int] = []

    def unblock() -> None:
        unblocked.append(server.count("POST", RESTART.replace("main-source", "replica-sink")))

    with pytest.raises(ConnectorFailed, match="still fails after 3 restarts"):
        wait_until_running(Connect(server.url, SECRET), "replica-sink", Deadline(30), unblock)
    assert unblocked == [3]
