"""Which runtime a command takes."""

import dataclasses

import pytest

from runtime import runtimes
from runtime.errors import OperatorError
from runtime.stack import current_stack


@pytest.fixture
def stack(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME", raising=False)
    return dataclasses.replace(current_stack(), state=tmp_path, settings_file=tmp_path / "settings.env")


def runs(monkeypatch, name):
    """Have the runtime of that name say that it runs."""
    kind = {"docker": runtimes.Containers, "local": runtimes.Processes}[name]
    monkeypatch.setattr(kind, "is_running", lambda self: True)


def test_without_a_choice_the_default_is_taken(stack):
    assert runtimes.current_runtime(stack).name == "local"
    assert runtimes.current_runtime(stack, lambda: "docker").name == "docker"


def test_the_environment_chooses(stack, monkeypatch):
    monkeypatch.setenv("RUNTIME", "docker")
    assert runtimes.current_runtime(stack).name == "docker"


def test_the_one_in_use_is_remembered(stack):
    runtimes.remember(runtimes.current_runtime(stack, lambda: "docker"))
    assert runtimes.current_runtime(stack).name == "docker"


def test_the_other_one_is_refused_while_one_runs(stack, monkeypatch):
    runtimes.remember(runtimes.current_runtime(stack))
    runs(monkeypatch, "local")
    monkeypatch.setenv("RUNTIME", "docker")
    with pytest.raises(OperatorError, match=r"local runtime runs.*RUNTIME=local make down"):
        runtimes.current_runtime(stack)


def test_the_other_one_may_be_taken_when_none_runs(stack, monkeypatch):
    runtimes.remember(runtimes.current_runtime(stack))
    monkeypatch.setenv("RUNTIME", "docker")
    assert runtimes.current_runtime(stack).name == "docker"


def test_a_word_that_is_no_runtime_is_answered_with_those_there_are(stack, monkeypatch):
    monkeypatch.setenv("RUNTIME", "podman")
    with pytest.raises(OperatorError, match="RUNTIME=podman is no runtime: choose RUNTIME=docker or RUNTIME=local"):
        runtimes.current_runtime(stack)


@pytest.mark.parametrize("name", ["local", "docker"])
def test_data_without_its_settings_is_not_started_with_new_passwords(stack, name, monkeypatch):
    monkeypatch.setattr("runtime.containers.engine.refuse_unfit", lambda to_build: None)
    (stack.state / "data").mkdir()
    (stack.state / "containers").write_text("listening-nobody")
    with pytest.raises(OperatorError, match=r"settings.env is missing, and there is data that only its passwords open"):
        runtimes.current_runtime(stack, lambda: name).prepare()
    assert not stack.settings_file.exists()


@pytest.mark.parametrize("wish", ["stop", "remove"])
def test_containers_are_not_lost_sight_of_while_no_engine_answers(stack, wish, monkeypatch):
    monkeypatch.setattr("runtime.containers.engine.fault", lambda: "The Docker engine cannot be used.")
    marker = stack.state / "containers"
    marker.write_text("listening-nobody")
    with pytest.raises(OperatorError, match=r"listening-nobody cannot be \w+\. The Docker engine cannot be used\."):
        getattr(runtimes.current_runtime(stack, lambda: "docker"), wish)()
    assert marker.exists()


def test_without_containers_of_ours_no_engine_is_needed_to_remove_them(stack, monkeypatch):
    monkeypatch.setattr("runtime.containers.engine.fault", lambda: "The Docker engine cannot be used.")
    runtimes.current_runtime(stack, lambda: "docker").remove()
