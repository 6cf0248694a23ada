"""The container runtime while the Docker engine does not answer."""

import pytest
from docker.errors import DockerException

from runtime.containers import client
from runtime.containers.compose_command import ComposeCommand
from runtime.containers.containers import Containers
from runtime.containers.startup import Startup
from runtime.definition.stack import Stack
from runtime.errors import OperatorError
from runtime.operations import status


@pytest.fixture
def containers(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Containers:
    """Return the runtime of a stack that has containers. The engine refuses every connection."""

    def refuse() -> None:
        raise DockerException("connection refused")

    monkeypatch.setattr(client, "_connect", refuse)
    (stack.state / "containers").write_text("listening-test")
    return Containers(stack)


def test_states_are_not_reported_as_stopped(containers: Containers) -> None:
    with pytest.raises(OperatorError, match="connection refused"):
        containers.states()


def test_containers_do_not_count_as_running(containers: Containers) -> None:
    assert not containers.is_running()


def test_start_continues_until_the_engine_answers_again(containers: Containers) -> None:
    startup = Startup(ComposeCommand(containers.stack, "listening-test"), {}, lambda *_: None)
    assert startup._states(["main"]) == {}


def test_status_shows_the_other_sections(containers: Containers, monkeypatch: pytest.MonkeyPatch) -> None:
    sections = ["_load", "_lag", "_lost_changes", "_proof", "_tokens"]
    for section in sections:
        monkeypatch.setattr(status, section, lambda _, section=section: iter([section]))
    *others, memory = status._lines(containers)
    assert others == sections and "connection refused" in memory
