"""Start services through supervisord's XML-RPC interface, replaced by a fake with supervisord's rules."""

import dataclasses
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime.definition.stack import current_stack
from runtime.errors import OperatorError
from runtime.local.supervisor import Supervisor

RUNNING_STATES = ("RUNNING", "STARTING", "BACKOFF")  # In these, supervisord refuses to start a process.


class FakeRpc:
    """One process. supervisord raises ALREADY_STARTED for a process in BACKOFF as well."""

    def __init__(self, state: str) -> None:
        self.state = state
        self.calls: list[str] = []

    def getState(self) -> dict[str, str]:
        return {"statename": "RUNNING"}

    def getAllProcessInfo(self) -> list[dict[str, str]]:
        return [{"name": "flask", "statename": self.state}]

    def startProcess(self, name: str, wait: bool) -> None:
        if self.state in RUNNING_STATES:
            raise xmlrpc.client.Fault(60, f"ALREADY_STARTED: {name}")
        self.calls.append("start")
        self.state = "STARTING"

    def stopProcess(self, name: str) -> None:
        if self.state not in RUNNING_STATES:
            raise xmlrpc.client.Fault(70, f"NOT_RUNNING: {name}")
        self.calls.append("stop")
        self.state = "STOPPED"


@pytest.fixture
def supervisor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[Supervisor, FakeRpc]]:
    def create(state: str) -> tuple[Supervisor, FakeRpc]:
        rpc = FakeRpc(state)
        monkeypatch.setattr(Supervisor, "rpc", rpc)
        return Supervisor(dataclasses.replace(current_stack(), state=tmp_path)), rpc

    return create


@pytest.mark.parametrize(
    ("state", "calls"),
    [
        ("RUNNING", []),
        ("STARTING", []),
        ("BACKOFF", ["stop", "start"]),
        ("FATAL", ["start"]),
        ("EXITED", ["start"]),
        ("STOPPED", ["start"]),
    ],
)
def test_start_service_in_each_state(
    supervisor: Callable[[str], tuple[Supervisor, FakeRpc]], state: str, calls: list[str]
) -> None:
    created, rpc = supervisor(state)
    created.start_service("flask")
    assert rpc.calls == calls


def test_refused_start_is_an_operator_error(
    supervisor: Callable[[str], tuple[Supervisor, FakeRpc]], monkeypatch: pytest.MonkeyPatch
) -> None:
    created, rpc = supervisor("STOPPED")

    def refuse(name: str, wait: bool) -> None:
        raise xmlrpc.client.Fault(50, "SPAWN_ERROR: flask")

    monkeypatch.setattr(rpc, "startProcess", refuse)
    with pytest.raises(OperatorError, match=r"cannot start flask \(SPAWN_ERROR: flask\)\. Read .*supervisord\.log"):
        created.start_service("flask")
