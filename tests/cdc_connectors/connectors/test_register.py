"""Registration puts what differs, waits until all runs, and explains what does not."""

import pytest

from cdc_connectors.connectors import register as module
from cdc_connectors.connectors.register import register
from cdc_connectors.connectors.rest import Connect
from cdc_connectors.errors import ConnectError, ConnectorFailed, Unavailable
from cdc_connectors.wait import Deadline

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
def server(connect_server, monkeypatch):
    """A Connect that is up, holds both configs already, and runs them."""
    monkeypatch.setattr(module, "APART", 0.0)
    connect_server.says("GET", "/connectors", (200, list(CONFIGS)))
    connect_server.says("GET", "/connectors?expand=status", RUNNING)
    connect_server.says("POST", RESTART, (202, {}))
    for name, config in CONFIGS.items():
        connect_server.says("GET", f"/connectors/{name}/config", (200, config | {"name": name}))
        connect_server.says("PUT", f"/connectors/{name}/config", (201, {}))
    return connect_server


def run(server, seconds: float = 10) -> None:
    register(Connect(server.url), CONFIGS, Deadline(seconds))


def test_what_is_registered_already_is_left_alone(server):
    run(server)
    assert not [request for request in server.requests if request[0] != "GET"]


def test_a_missing_and_a_changed_connector_are_put(server):
    server.says("GET", "/connectors/main-source/config", (404, {"message": "not found"}))
    server.says("GET", "/connectors/replica-sink/config", (200, {"tasks.max": "2"}))
    run(server)
    assert [request for request in server.requests if request[0] == "PUT"] == [
        ("PUT", f"/connectors/{name}/config", config) for name, config in CONFIGS.items()
    ]


@pytest.mark.parametrize(
    "not_yet",
    [
        (404, "<html>the web server, before its REST API</html>"),
        (409, {"message": "Cannot complete request momentarily due to stale configuration"}),
        (500, {"message": "Request cannot be completed because a rebalance is expected"}),
        (503, {"message": "the worker is starting"}),
    ],
)
def test_a_connect_that_is_still_starting_is_asked_again(server, not_yet):
    server.says("GET", "/connectors", not_yet, (200, []))
    server.says("GET", "/connectors/main-source/config", not_yet, (404, {"message": "not found"}))
    server.says("PUT", "/connectors/main-source/config", not_yet, (201, {}))
    server.says("GET", "/connectors?expand=status", not_yet, RUNNING)
    run(server)
    assert server.count("PUT", "/connectors/main-source/config") == 2


def test_it_waits_until_every_task_runs(server):
    states = [
        (200, {}),
        statuses(status("UNASSIGNED")),
        statuses(status("RUNNING")),
        statuses(status("RUNNING", "UNASSIGNED")),
    ]
    server.says("GET", "/connectors?expand=status", *states, RUNNING)
    run(server)
    assert server.count("GET", "/connectors?expand=status") == len(states) + 2  # one more for the other connector


def test_a_task_that_failed_once_is_started_again(server):
    server.says("GET", "/connectors?expand=status", FAILED, RUNNING)
    run(server)
    assert server.count("POST", RESTART) == 1


def test_a_task_that_keeps_failing_is_reported_with_its_cause(server):
    server.says("GET", "/connectors?expand=status", FAILED)
    with pytest.raises(ConnectorFailed, match=r"^main-source fails: java.net.ConnectException: Connection refused$"):
        run(server)
    assert server.count("POST", RESTART) == module.RESTARTS


def test_a_refused_config_is_reported_with_connects_words(server):
    server.says("GET", "/connectors/main-source/config", (404, {"message": "not found"}))
    server.says(
        "PUT",
        "/connectors/main-source/config",
        (400, {"message": "Connector configuration is invalid:\nno such class"}),
    )
    with pytest.raises(
        ConnectError,
        match="400 to PUT /connectors/main-source/config: Connector configuration is invalid: no such class",
    ):
        run(server)


def test_a_connect_that_never_answers_is_given_up_in_time():
    with pytest.raises(Unavailable, match=r"Kafka Connect does not answer at http://127.0.0.1:9 after 0 s"):
        register(Connect("http://127.0.0.1:9"), CONFIGS, Deadline(0))
