"""Ports that another program uses are reported before a start."""

import socket

import pytest

from runtime.definition.compose import read_services
from runtime.definition.stack import COMPOSE, current_stack
from runtime.errors import OperatorError
from runtime.ports import require_free_ports


def test_port_in_use_is_reported_with_its_process_and_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        monkeypatch.setenv("FLASK_PORT", str(port))
        stack = current_stack()
        with pytest.raises(
            OperatorError,
            match=rf"Port {port}, which flask needs, is in use by \S+ \(PID \d+\)\. Stop it, or set FLASK_PORT in ",
        ):
            require_free_ports([stack.services()["flask"]], stack)


def test_test_stack_shares_no_port_with_the_main_stack() -> None:
    test = current_stack()
    assert test.name == "test"
    ports = {port for service in test.services().values() for port in service.ports}
    in_use = read_services(
        COMPOSE,
        test.variables()
        | {name: str(int(value) - 20_000) for name, value in test.settings().items() if name.endswith("_PORT")},
    )
    assert ports.isdisjoint({port for service in in_use.values() for port in service.ports})
