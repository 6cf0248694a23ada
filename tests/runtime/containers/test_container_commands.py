"""The commands of the container runtime, with a fake `docker` program and a fake engine."""

import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from runtime.containers import containers as containers_module
from runtime.containers.compose_command import ComposeCommand
from runtime.containers.containers import Containers
from runtime.definition.stack import COMPOSE, Stack
from runtime.errors import OperatorError, StageError
from tests.runtime.containers.conftest import DockerProgram, FakeEngine


@pytest.fixture
def containers(stack: Stack, docker_program: DockerProgram, docker_engine: FakeEngine) -> Containers:
    """Return the container runtime of a checkout that has containers."""
    (stack.state / "containers").write_text("listening-test")
    stack.settings()  # Writes the settings file.
    return Containers(stack)


def only_call(docker_program: DockerProgram) -> SimpleNamespace:
    (call,) = docker_program.calls()
    assert call.arguments[:5] == ["compose", "-f", str(COMPOSE), "-p", "listening-test"]
    return call


def test_python_runs_in_a_new_container_of_the_service(containers: Containers, docker_program: DockerProgram) -> None:
    docker_program.set_script("exit 4")
    assert containers.call("flask", "flask", ["-m", "flask_endpoint", "list"]) == 4
    python = ["/opt/env/flask/bin/python", "-m", "flask_endpoint", "list"]
    assert only_call(docker_program).arguments[5:] == ["run", "--rm", "--no-deps", "-T", "flask", *python]


def test_replica_of_a_service_runs_commands_as_the_service(
    containers: Containers, docker_program: DockerProgram, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKERS", "2")
    containers.call("spark-worker-2", "spark", ["--version"])
    assert only_call(docker_program).arguments[9:] == ["spark-worker", "/opt/env/spark/bin/python", "--version"]


def test_files_are_sent_to_the_command(containers: Containers, docker_program: DockerProgram, tmp_path: Path) -> None:
    export = tmp_path / "my data.zip"
    export.write_text("plays")
    docker_program.set_script(f"cat > '{tmp_path}/received.tar'")
    assert containers.call("flask", "flask", ["-m", "flask_endpoint", "import"], [export]) == 0
    with tarfile.open(tmp_path / "received.tar") as tar:
        packed = tar.extractfile("0/my data.zip")
        assert packed and packed.read() == b"plays"
    arguments = only_call(docker_program).arguments
    # The files go into a volume that Docker removes with the container, whose own file system is read-only.
    assert arguments[5:12] == ["run", "--rm", "--no-deps", "-T", "--volume", "/var/lib/listening/files", "flask"]
    assert arguments[-1] == "/var/lib/listening/files/0/my data.zip"


def test_json_of_the_last_output_line_is_returned(containers: Containers, docker_program: DockerProgram) -> None:
    docker_program.set_script("""echo starting; echo '{"plays": 3}'""")
    assert containers.call_json("flask", "flask", ["-m", "flask_endpoint", "status"]) == {"plays": 3}


def test_failed_json_command_is_shown_with_its_last_lines(
    containers: Containers, docker_program: DockerProgram
) -> None:
    docker_program.set_script("echo no such listener >&2; exit 1")
    with pytest.raises(StageError, match="-m flask_endpoint status failed with exit code 1") as failed:
        containers.call_json("flask", "flask", ["-m", "flask_endpoint", "status"])
    assert failed.value.tail == "no such listener"


def test_stop_keeps_volumes_and_marker(containers: Containers, docker_program: DockerProgram) -> None:
    containers.stop()
    assert only_call(docker_program).arguments[5:] == ["down", "--timeout", "30"]
    assert containers.has_data()


def test_failed_stop_reports_the_last_line_of_docker(containers: Containers, docker_program: DockerProgram) -> None:
    docker_program.set_script("echo working; echo network has active endpoints >&2; exit 1")
    with pytest.raises(OperatorError, match=r"^docker compose -f failed: network has active endpoints$"):
        containers.stop()


def test_checkout_without_containers_stops_nothing(
    stack: Stack, docker_program: DockerProgram, docker_engine: FakeEngine
) -> None:
    Containers(stack).stop()
    assert docker_program.calls() == []


def test_remove_deletes_the_containers_and_forgets_them(containers: Containers, docker_engine: FakeEngine) -> None:
    docker_engine.add_service("main")
    containers.remove()
    assert not docker_engine.containers.things and not containers.has_data()


def test_start_remembers_the_project_and_starts_the_dependencies(
    stack: Stack, docker_program: DockerProgram, docker_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers_module, "require_free_ports", lambda services, stack: None)
    Containers(stack).start(["migrate-source"])
    assert (stack.state / "containers").read_text() == "listening-test"
    assert [call.arguments[5] for call in docker_program.calls()] == ["up", "run"]
    assert docker_program.calls()[0].arguments[-1] == "source"


def test_ports_of_running_services_are_not_checked(
    containers: Containers, docker_engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    monkeypatch.setattr(
        containers_module, "require_free_ports", lambda services, stack: checked.extend(s.name for s in services)
    )
    docker_engine.add_service("source")
    containers.start(["migrate-source", "main"])
    assert checked == ["migrate-source", "main"]


@pytest.mark.parametrize("collection", ["containers", "volumes"])
def test_containers_of_another_checkout_are_not_touched(
    stack: Stack, docker_program: DockerProgram, docker_engine: FakeEngine, collection: str
) -> None:
    getattr(docker_engine, collection).add({"com.docker.compose.project": "listening-test"})
    with pytest.raises(OperatorError, match="Another checkout has containers or volumes named listening-test"):
        Containers(stack).start(["main"])
    assert docker_program.calls() == []


def test_existing_containers_keep_their_project_name(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "renamed")
    assert Containers(stack).project == "renamed-test"
    (stack.state / "containers").write_text("listening-test\n")
    assert Containers(stack).project == "listening-test"


def test_states_list_every_long_lived_service(containers: Containers, docker_engine: FakeEngine) -> None:
    docker_engine.add_service("main", health="healthy")
    docker_engine.add_service("migrate-main", status="exited")
    states = containers.states()
    assert (states["main"], states["flask"]) == ("healthy", "stopped")
    assert "migrate-main" not in states


def test_runtime_runs_while_a_container_runs(containers: Containers, docker_engine: FakeEngine) -> None:
    assert not containers.is_running()
    docker_engine.add_service("main", status="exited")
    assert not containers.is_running()
    docker_engine.add_service("source", health="starting")
    assert containers.is_running()


def test_memory_is_printed_in_gib(containers: Containers, docker_engine: FakeEngine) -> None:
    docker_engine.add_service("main", memory_stats={"usage": 3 * 1024**3 // 2})
    assert containers.memory().startswith("1.50 GiB ")


def test_logs_of_a_service_are_printed_for_people(
    containers: Containers, docker_program: DockerProgram, capsys: pytest.CaptureFixture[str]
) -> None:
    line = '{"time": "2026-11-20T07:20:02.123Z", "level": "info", "service": "main", "message": "ready"}'
    docker_program.set_script(f"echo '{line}'")
    containers.show_logs("main", follow=True)
    assert only_call(docker_program).arguments[5:] == ["logs", "--tail", "40", "--no-log-prefix", "--follow", "main"]
    assert capsys.readouterr().out == "07:20:02.123 info     ready\n"


def test_logs_of_an_unknown_service_list_the_services(containers: Containers) -> None:
    with pytest.raises(OperatorError, match="There is no service 'mian'; services: source, main, "):
        containers.show_logs("mian", follow=False)


def test_simulated_spotify_runs_unless_a_real_app_is_set_up(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    compose = ComposeCommand(stack, "listening-test")
    variables = compose.variables()
    assert (variables["COMPOSE_PROFILES"], variables["SPOTIFY_API_URL"]) == ("simulated", "http://spotify:28090")
    monkeypatch.setenv("SPOTIFY_CLIENT_ID", "app")
    variables = compose.variables()
    assert (variables["COMPOSE_PROFILES"], variables["SPOTIFY_IS_SIMULATED"]) == ("", "false")


def test_folders_and_hosts_of_the_local_runtime_do_not_reach_containers(stack: Stack) -> None:
    variables = ComposeCommand(stack, "listening-test").variables()
    assert {variables[name] for name in ("PROJECT", "STATE", "ENVS", "JARS", "MAIN_HOST", "LISTEN_HOST")} == {""}
    assert variables["MAIN_PORT"] == "25434"


def test_clock_of_the_simulated_spotify_is_passed_on(stack: Stack) -> None:
    stack.spotify_clock.write_text("2026-11-20T09:00:00+00:00\n")
    assert ComposeCommand(stack, "listening-test").variables()["SPOTIFY_CLOCK"] == "2026-11-20T09:00:00+00:00"
