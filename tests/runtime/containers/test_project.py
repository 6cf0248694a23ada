"""The containers of a project, their states and their removal, with a fake engine."""

from types import SimpleNamespace

import pytest
from docker.context import ContextAPI
from docker.errors import DockerException

from runtime.containers import client, engine, project
from runtime.containers.project import ContainerState
from runtime.errors import OperatorError
from tests.runtime.containers.conftest import FakeEngine

MIB = 1024**2


@pytest.mark.parametrize(
    ("status", "health", "word"),
    [
        ("running", "healthy", "healthy"),
        ("running", "unhealthy", "unhealthy"),
        ("running", "starting", "starting"),
        ("running", "", "running"),
        ("restarting", "unhealthy", "restarting"),
        ("exited", "unhealthy", "stopped"),
        ("created", "", "stopped"),
        ("dead", "", "stopped"),
        ("paused", "", "paused"),
    ],
)
def test_word_describes_status_and_health(status: str, health: str, word: str) -> None:
    assert ContainerState(status, health, 0).word == word


@pytest.mark.parametrize(
    ("state", "is_ready", "has_failed"),
    [
        (ContainerState("running", "healthy", 0), True, False),
        (ContainerState("running", "starting", 0), False, False),
        (ContainerState("running", "unhealthy", 0), False, True),
        (ContainerState("exited", "", 0), True, False),
        (ContainerState("exited", "", 1), False, True),
        (ContainerState("restarting", "", 1), False, True),
        (ContainerState("created", "", 0), False, False),
        (ContainerState("running", "starting", 0, restart_count=2), False, True),
        (ContainerState("running", "healthy", 0, restart_count=2), True, False),
    ],
)
def test_job_is_ready_when_it_succeeded_and_service_when_it_is_healthy(
    state: project.ContainerState, is_ready: bool, has_failed: bool
) -> None:
    assert (state.is_ready, state.has_failed) == (is_ready, has_failed)


@pytest.mark.parametrize(("status", "exit_code", "expected"), [("restarting", 78, True), ("restarting", 1, False)])
def test_exit_code_78_means_that_a_restart_cannot_help(status: str, exit_code: int, expected: bool) -> None:
    assert ContainerState(status, "", exit_code).cannot_recover is expected


def test_states_are_returned_by_service_and_replica(docker_engine: FakeEngine) -> None:
    docker_engine.add_service("spark-worker", health="healthy")
    docker_engine.add_service("spark-worker", number=2, status="exited", exit_code=137, restart_count=1)
    assert project.states("listening-test") == {
        "spark-worker": ContainerState("running", "healthy", 0),
        "spark-worker-2": ContainerState("exited", "", 137, 1),
    }


def test_states_leave_out_one_off_containers_and_other_projects(docker_engine: FakeEngine) -> None:
    docker_engine.add_service("flask", one_off="True")
    docker_engine.add_service("main", project="listening")
    assert project.states("listening-test") == {}


def test_states_are_unknown_if_the_engine_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DockerException("connection refused")

    monkeypatch.setattr(client, "_connect", refuse)
    with pytest.raises(OperatorError, match="connection refused"):
        project.states("listening-test")


def test_log_tail_is_of_the_named_replica_and_for_people(docker_engine: FakeEngine) -> None:
    line = '{"time": "2026-11-20T07:20:02.123Z", "level": "info", "service": "spark-worker", "message": "ready"}'
    docker_engine.add_service("spark-worker", log="of the first")
    docker_engine.add_service("spark-worker", number=2, log=f"older\nold\n{line}\n")
    assert project.log_tail("listening-test", "spark-worker-2", 2) == "old\n07:20:02.123 info     ready"
    assert project.log_tail("listening-test", "main", 2) == ""


def test_project_exists_while_it_has_containers_or_volumes(docker_engine: FakeEngine) -> None:
    assert not project.exists("listening-test")
    docker_engine.volumes.add({project.PROJECT_LABEL: "listening-test"})
    assert project.exists("listening-test")
    assert not project.exists("listening")


def test_stopped_container_makes_project_exist(docker_engine: FakeEngine) -> None:
    docker_engine.add_service("main", status="exited")
    assert project.exists("listening-test")


def test_remove_deletes_containers_volumes_and_networks_of_the_project_only(docker_engine: FakeEngine) -> None:
    for name in ("listening-test", "listening"):
        docker_engine.add_service("main", project=name, status="exited")
        docker_engine.volumes.add({project.PROJECT_LABEL: name})
        docker_engine.networks.add({project.PROJECT_LABEL: name})
    project.remove("listening-test")
    for collection in (docker_engine.containers, docker_engine.volumes, docker_engine.networks):
        assert [thing.labels[project.PROJECT_LABEL] for thing in collection.things] == ["listening"]


def test_memory_leaves_out_reclaimable_file_cache(docker_engine: FakeEngine) -> None:
    docker_engine.add_service("main", memory_stats={"usage": 300 * MIB, "stats": {"inactive_file": 100 * MIB}})
    docker_engine.add_service("flask", memory_stats={"usage": 50 * MIB, "stats": {"total_inactive_file": 20 * MIB}})
    docker_engine.add_service("migrate-main", status="exited", memory_stats={"usage": 900 * MIB})
    assert project.memory("listening-test") == 230 * MIB


def test_memory_of_a_container_that_just_ended_is_zero(docker_engine: FakeEngine) -> None:
    docker_engine.add_service("main", memory_stats={})
    assert project.memory("listening-test") == 0


def test_error_of_the_engine_is_reported_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_connect", lambda: SimpleNamespace(close=lambda: None))
    with (
        pytest.raises(OperatorError, match=r"^The Docker engine reported an error: volume is in use$"),
        client.connection(),
    ):
        raise DockerException("volume is in use\nmore")


def test_connection_uses_the_engine_of_the_current_context(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    context = SimpleNamespace(Host="unix:///run/user/1000/docker.sock", TLSConfig=None)
    monkeypatch.setattr(engine, "ask", lambda *arguments: {("context", "show"): "rootless"}[arguments])
    monkeypatch.setattr(ContextAPI, "get_context", lambda name: {"rootless": context}[name])
    monkeypatch.setattr(client, "DockerClient", lambda **options: made.append(options))
    monkeypatch.setattr(client, "_context", client._context.__wrapped__)
    client._connect()
    assert made == [{"base_url": "unix:///run/user/1000/docker.sock", "tls": False, "use_ssh_client": True}]
