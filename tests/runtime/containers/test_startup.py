"""Start services with a fake `docker compose`: which are reported ready, and how a failure is described."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from runtime.containers import startup
from runtime.containers.compose_command import ComposeCommand
from runtime.containers.project import ContainerState
from runtime.definition.stack import Stack
from runtime.errors import StageError
from tests.runtime.containers.conftest import DockerProgram, FakeEngine

HEALTHY = ContainerState("running", "healthy", 0)
STARTING = ContainerState("running", "starting", 0)
DONE = ContainerState("exited", "", 0)
RUNS_UNTIL_STOPPED = "exec tail -f /dev/null"

Start = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def start(
    stack: Stack, docker_program: DockerProgram, docker_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> Start:
    """Return a function that starts services and returns what was reported.

    `states` are the containers' states at each look; `docker compose up` ends after the last but one.
    """

    def run(
        *names: str, states: Sequence[Mapping[str, ContainerState]] = ({},), script: str = ""
    ) -> list[tuple[str, str]]:
        docker_program.set_script(script)
        remaining = list(states)
        monkeypatch.setattr(startup, "states", lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0])
        monkeypatch.setattr(startup, "_wait", lambda process: len(remaining) == 1 and process.wait() is not None)
        services, ready = stack.services(), []
        compose = ComposeCommand(stack, "listening-test")
        startup.Startup(compose, services, lambda name, state, seconds: ready.append((name, state))).run(
            [services[name] for name in names]
        )
        return ready

    return run


def arguments(docker_program: DockerProgram) -> list[list[str]]:
    """Return the arguments of each call after `docker compose -f FILE -p PROJECT`."""
    assert all(call.arguments[3:5] == ["-p", "listening-test"] for call in docker_program.calls())
    return [call.arguments[5:] for call in docker_program.calls()]


def test_services_are_started_together_and_awaited(start: Start, docker_program: DockerProgram) -> None:
    start("source", "migrate-source", "flask", states=[{}])
    assert arguments(docker_program) == [["up", "--detach", "--wait", "--wait-timeout", "420", "flask", "source"]]


def test_replicas_are_started_as_one_service(
    start: Start, docker_program: DockerProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKERS", "2")
    start("spark-master", "spark-worker", "spark-worker-2")
    assert arguments(docker_program)[0][-2:] == ["spark-master", "spark-worker"]


def test_each_ready_service_is_reported_once(start: Start) -> None:
    states = [{"source": STARTING}, {"source": HEALTHY}, {"source": HEALTHY, "migrate-source": DONE, "flask": HEALTHY}]
    ready = start("source", "migrate-source", "flask", states=states)
    assert sorted(ready) == [("flask", "ready"), ("migrate-source", "ready"), ("source", "ready")]


def test_job_that_no_service_needs_runs_after_the_services(start: Start, docker_program: DockerProgram) -> None:
    assert start("main", "migrate-main", states=[{"main": HEALTHY}]) == [("main", "ready"), ("migrate-main", "ready")]
    assert arguments(docker_program)[1] == ["run", "--rm", "--no-deps", "-T", "migrate-main"]


def test_failed_job_is_named_with_the_end_of_its_log(start: Start) -> None:
    with pytest.raises(StageError, match=r"The job migrate-main failed with exit code 3\.") as failed:
        start("migrate-main", script="echo no such table; exit 3")
    assert failed.value.tail == "no such table"


@pytest.mark.parametrize(
    ("state", "description"),
    [
        (ContainerState("running", "unhealthy", 0), "unhealthy"),
        (ContainerState("restarting", "", 1), "restarting, exit code 1"),
        (ContainerState("running", "starting", 0, restart_count=3), "starting, restarted 3 times"),
        (ContainerState("exited", "", 137), "stopped, exit code 137"),
    ],
)
def test_failed_service_is_named_with_the_end_of_its_log(
    start: Start, docker_engine: FakeEngine, state: ContainerState, description: str
) -> None:
    docker_engine.add_service("main", log="starting\nout of memory")
    with pytest.raises(
        StageError, match=rf"main did not become healthy \({description}\)\. .*make logs S=main"
    ) as failed:
        start("main", states=[{"main": state, "replica": state}], script="exit 1")
    assert failed.value.tail == "starting\nout of memory"


def test_last_line_of_docker_is_reported_if_no_service_failed(start: Start) -> None:
    with pytest.raises(StageError, match=r"docker compose up failed: no such image: listening/postgres:dev$"):
        start(
            "main",
            states=[{"main": STARTING}],
            script="echo pulling; echo no such image: listening/postgres:dev; exit 1",
        )


@pytest.mark.timeout(60)
def test_service_that_cannot_read_its_data_ends_the_start(start: Start, docker_engine: FakeEngine) -> None:
    docker_engine.add_service("main", log="PostgreSQL 17 created the data folder")
    unreadable = ContainerState("restarting", "", 78)
    with pytest.raises(StageError, match=r"main did not become healthy \(restarting, exit code 78\)") as failed:
        start("main", states=[{}, {"main": unreadable}, {}], script=RUNS_UNTIL_STOPPED)
    assert failed.value.tail == "PostgreSQL 17 created the data folder"
