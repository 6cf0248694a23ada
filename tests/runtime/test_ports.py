import socket

import pytest

from runtime.compose import read_services
from runtime.errors import OperatorError
from runtime.ports import refuse_taken_ports
from runtime.stack import COMPOSE, current_stack


def test_a_taken_port_is_refused_with_who_holds_it_and_what_to_change():
    stack = current_stack()
    flask = stack.services()["flask"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", flask.ports[0]))
        other.listen()
        with pytest.raises(
            OperatorError,
            match=rf"Port {flask.ports[0]}, which flask needs, is taken by \S+ \(process \d+\): .*FLASK_PORT",
        ):
            refuse_taken_ports([flask], stack)


def test_the_test_stack_has_no_port_of_the_stack_in_use():
    test = current_stack()
    assert test.name == "test"
    ports = {port for service in test.services().values() for port in service.ports}
    in_use = read_services(
        COMPOSE,
        test.variables()
        | {name: str(int(value) - 20_000) for name, value in test.settings().items() if name.endswith("_PORT")},
    )
    assert ports.isdisjoint({port for service in in_use.values() for port in service.ports})
