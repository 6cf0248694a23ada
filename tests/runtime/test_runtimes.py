"""Choice of the runtime for a command."""

import dataclasses
from pathlib import Path

import pytest

from runtime import runtimes
from runtime.containers.containers import Containers
from runtime.definition.stack import Stack, current_stack
from runtime.errors import OperatorError
from runtime.local.processes import Processes


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    monkeypatch.delenv("RUNTIME", raising=False)
    return dataclasses.replace(current_stack(), state=tmp_path, settings_file=tmp_path / "settings.env")


def pretend_running(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Make the runtime of that name report that it runs."""
    kind = {"docker": Containers, "local": Processes}[name]
    monkeypatch.setattr(kind, "is_running", lambda self: True)


def test_default_runtime_applies_without_a_choice(stack: Stack) -> None:
    assert runtimes.current_runtime(stack).name == "local"
    assert runtimes.current_runtime(stack, lambda: "docker").name == "docker"


def test_environment_variable_selects_the_runtime(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME", "docker")
    assert runtimes.current_runtime(stack).name == "docker"


def test_runtime_in_use_is_remembered(stack: Stack) -> None:
    runtimes.remember(runtimes.current_runtime(stack, lambda: "docker"))
    assert runtimes.current_runtime(stack).name == "docker"


def test_other_runtime_is_rejected_while_one_runs(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    runtimes.remember(runtimes.current_runtime(stack))
    pretend_running(monkeypatch, "local")
    monkeypatch.setenv("RUNTIME", "docker")
    with pytest.raises(OperatorError, match=r"local runtime runs.*RUNTIME=local make down"):
        runtimes.current_runtime(stack)


def test_other_runtime_is_accepted_while_none_runs(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    runtimes.remember(runtimes.current_runtime(stack))
    monkeypatch.setenv("RUNTIME", "docker")
    assert runtimes.current_runtime(stack).name == "docker"


def test_error_for_unknown_runtime_lists_the_runtimes(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME", "podman")
    with pytest.raises(OperatorError, match=r"RUNTIME=podman is not supported\. Use RUNTIME=docker or RUNTIME=local"):
        runtimes.current_runtime(stack)


@pytest.mark.parametrize("name", ["local", "docker"])
def test_start_is_rejected_if_data_exists_without_settings(
    stack: Stack, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.containers.engine.require_suitable", lambda to_build: None)
    (stack.state / "data").mkdir()
    (stack.state / "containers").write_text("listening-nobody")
    with pytest.raises(OperatorError, match=r"settings.env is missing, and there is data that only its passwords open"):
        runtimes.current_runtime(stack, lambda: name).prepare()
    assert not stack.settings_file.exists()


@pytest.mark.parametrize("action", ["stop", "remove"])
def test_container_marker_stays_while_the_engine_is_down(
    stack: Stack, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.containers.engine.problem", lambda: "The Docker engine cannot be used.")
    marker = stack.state / "containers"
    marker.write_text("listening-nobody")
    with pytest.raises(OperatorError, match=r"listening-nobody cannot be \w+\. The Docker engine cannot be used\."):
        getattr(runtimes.current_runtime(stack, lambda: "docker"), action)()
    assert marker.exists()


def test_remove_without_containers_needs_no_engine(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.containers.engine.problem", lambda: "The Docker engine cannot be used.")
    runtimes.current_runtime(stack, lambda: "docker").remove()
