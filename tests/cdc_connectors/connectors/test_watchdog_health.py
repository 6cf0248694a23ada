"""The watchdog serves what it found, and its metrics, over HTTP."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.connectors.watchdog import STALLED_AFTER, Watchdog, health_server
from tests.cdc_connectors.conftest import SECRET

METRICS = b"cdc_fault 0.0\n"
LOST = "Changes were lost. Run make resync-replica."


@pytest.fixture
def health() -> Iterator[Callable[..., requests.Response]]:
    """Return a function that requests a path of a watchdog's health server."""
    servers = []

    def ask(watchdog: Watchdog, path: str = "/healthz") -> requests.Response:
        served = health_server(watchdog, "127.0.0.1", 0, lambda: METRICS)
        servers.append(served)
        threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return requests.get(f"http://127.0.0.1:{served.server_port}{path}", timeout=5)

    yield ask
    for served in servers:
        served.shutdown()
        served.server_close()


def unused(**state: Any) -> Watchdog:
    """Return a watchdog of a worker that does not answer."""
    return Watchdog(Connect("http://127.0.0.1:9", SECRET), lambda _: 0, **state)


def test_healthz_is_ok_while_checks_finish_without_connect(health: Callable[..., requests.Response]) -> None:
    found = {"connect_answers": False, "fault": LOST, "dead_letters": 3, "failing": {"replica-sink": "no connection"}}
    answer = health(unused(**found))
    state = {"status": "ok", **found}
    assert (answer.status_code, answer.json()) == (200, state)


def test_healthz_is_503_when_checks_have_stalled(health: Callable[..., requests.Response]) -> None:
    watchdog = unused()
    watchdog.checked_at -= STALLED_AFTER + 1
    answer = health(watchdog)
    assert (answer.status_code, answer.json()["status"]) == (503, "stalled")


def test_metrics_are_text(health: Callable[..., requests.Response]) -> None:
    answer = health(unused(), "/metrics")
    assert (answer.status_code, answer.content) == (200, METRICS)
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_other_paths_return_404(health: Callable[..., requests.Response]) -> None:
    answer = health(unused(), "/")
    assert (answer.status_code, answer.json()["status"]) == (404, "not found")
