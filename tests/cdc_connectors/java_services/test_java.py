"""Kafka and Connect start as one foreground JVM and report missing parts."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from cdc_connectors.errors import CdcError, JavaMissing
from cdc_connectors.java_services import connect, kafka
from cdc_connectors.java_services.credentials import write_broker_login, write_database_passwords
from cdc_connectors.java_services.java import java_command, write_atomically
from cdc_connectors.settings import CONNECT_USER, Settings
from common.exit_codes import ExitCode
from common.settings import SettingsError
from tests.cdc_connectors.conftest import SECRET


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Create a JAVA_HOME and a folder of jars with the files that the command line needs."""
    java = tmp_path / "jdk/bin/java"
    java.parent.mkdir(parents=True)
    shutil.copy("/bin/true", java)
    (tmp_path / "jars/lib").mkdir(parents=True)
    (tmp_path / "jars/lib/kafka_2.13-4.3.1.jar").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    return java


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Record the commands that would replace this process, or be its child."""
    commands: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: commands.append(command))
    monkeypatch.setattr(connect, "run_while_same", lambda command, _: commands.append(command))
    return commands


def run(command: click.Command) -> None:
    """Run a service's command. Connect's ends with the exit code of its child."""
    try:
        command.main([], standalone_mode=False)
    except SystemExit as ended:
        if ended.code is not None:
            raise


def test_missing_java_error_says_what_to_install(
    settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaMissing, match="Install a JRE, 17 or newer"):
        java_command(settings(), "kafka.Kafka", [], "64m")


def test_missing_jars_error_says_how_to_fetch_them(
    settings: Callable[..., Settings], installed: Path, tmp_path: Path
) -> None:
    shutil.rmtree(tmp_path / "jars")
    with pytest.raises(JavaMissing, match=r"Run mvn -B -q -f cdc_connectors/pom.xml process-resources -Dout=.*/jars"):
        java_command(settings(), "kafka.Kafka", [], "64m")


def test_broker_runs_java_with_rendered_properties(
    settings: Callable[..., Settings], installed: Path, executed: list[list[str]], tmp_path: Path
) -> None:
    settings(KAFKA_HEAP="300m")
    (tmp_path / "kafka/data").mkdir(parents=True)
    run(kafka.main)
    (command,) = executed
    assert command[0] == str(installed)
    assert "-Xmx300m" in command
    assert command[-2:] == ["kafka.Kafka", str(tmp_path / "kafka/server.properties")]
    assert f"log.dirs={tmp_path}/kafka/data" in (tmp_path / "kafka/server.properties").read_text()


def test_worker_command_line_and_properties_contain_no_secret(
    settings: Callable[..., Settings], installed: Path, executed: list[list[str]], tmp_path: Path
) -> None:
    settings()
    run(connect.main)
    (command,) = executed
    assert command[-1] == str(tmp_path / "connect/worker.properties")
    assert f"-Djava.security.auth.login.config={tmp_path}/connect/login.conf" in command
    assert "-Dorg.apache.kafka.automatic.config.providers=none" in command
    assert SECRET not in " ".join(command) + (tmp_path / "connect/worker.properties").read_text()


def test_broker_command_line_and_properties_contain_no_secret(
    settings: Callable[..., Settings], installed: Path, executed: list[list[str]], tmp_path: Path
) -> None:
    settings()
    (tmp_path / "kafka/data").mkdir(parents=True)
    run(kafka.main)
    (command,) = executed
    assert f"-Djava.security.auth.login.config={tmp_path}/kafka/login.conf" in command
    assert SECRET not in " ".join(command) + (tmp_path / "kafka/server.properties").read_text()


def test_files_with_passwords_are_readable_by_their_owner_only(
    settings: Callable[..., Settings], installed: Path, executed: list[list[str]], tmp_path: Path
) -> None:
    settings()
    (tmp_path / "kafka/data").mkdir(parents=True)
    run(kafka.main)
    run(connect.main)
    files = [file for folder in ("kafka", "connect") for file in (tmp_path / folder).iterdir() if file.is_file()]
    assert {file.name for file in files if SECRET in file.read_text()} == {
        "login.conf",
        "rest_users.properties",
        "database_passwords",
    }
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o600"}


def test_login_of_the_broker_has_one_user(settings: Callable[..., Settings]) -> None:
    assert write_broker_login(settings(KAFKA_PASSWORD="of-kafka")).read_text() == (
        "KafkaServer {\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n"
        '    username="cdc"\n    password="of-kafka"\n    user_cdc="of-kafka";\n};\n'
    )


def test_connectors_find_their_passwords_by_host_port_and_role(settings: Callable[..., Settings]) -> None:
    given = settings(MAIN_PORT="15434", REPLICA_HOST="::1", DEBEZIUM_PASSWORD="a:b\\c", SINK_PASSWORD="plain")
    assert write_database_passwords(given).read_text() == (
        "127.0.0.1:15434:*:debezium:a\\:b\\\\c\n\\:\\:1:5435:*:sink:plain\n"
    )


@pytest.mark.parametrize("name", ["KAFKA_PASSWORD", "CONNECT_PASSWORD"])
def test_password_with_meaning_in_a_java_file_is_refused(settings: Callable[..., Settings], name: str) -> None:
    with pytest.raises(SettingsError, match=rf"{name} \(use letters, digits, - and _ only\)") as refused:
        settings(**{name: 'quote"'})
    assert "quote" not in str(refused.value)


def test_health_check_logs_in_to_connect_as_its_user() -> None:
    services = (Path(__file__).parents[3] / "docker/services/kafka.yml").read_text()
    assert f"HEALTH_LOGIN: {CONNECT_USER}:${{CONNECT_PASSWORD:?" in services


@pytest.mark.parametrize("missing", ["KAFKA_PASSWORD", "CONNECT_PASSWORD", "DEBEZIUM_PASSWORD", "SINK_PASSWORD"])
def test_worker_does_not_start_without_password(
    settings: Callable[..., Settings],
    installed: Path,
    executed: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    missing: str,
) -> None:
    settings(**{missing: ""})
    with pytest.raises(SystemExit) as raised:
        run(connect.main)
    assert (raised.value.code, executed) == (ExitCode.COULD_NOT_RUN, [])
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["service"]) == ("critical", "connect")
    assert line["message"] == f"{missing} is not set. Set it in .env (see .env.example)."


def test_write_atomically_replaces_file_and_leaves_no_scratch_file(tmp_path: Path) -> None:
    file = tmp_path / "deep/server.properties"
    write_atomically(file, "old")
    write_atomically(file, "new")
    assert [(found.name, found.read_text()) for found in file.parent.iterdir()] == [("server.properties", "new")]


class FormatTool:
    """A stand-in for Kafka's storage formatter that can fail halfway."""

    def __init__(self, state: Path, fails_halfway: bool = False) -> None:
        self.state, self.fails_halfway, self.runs = state, fails_halfway, 0

    def __call__(self, tool: list[str]) -> None:
        self.runs += 1
        fresh = self.state / "data.new"
        fresh.mkdir()  # Fails if a half-formatted folder is still there.
        if self.fails_halfway:
            raise CdcError("killed")
        (fresh / "meta.properties").touch()


def test_storage_is_formatted_only_once(
    settings: Callable[..., Settings], installed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tool = FormatTool(tmp_path / "kafka")
    monkeypatch.setattr(kafka, "_format", tool)
    assert kafka.ensure_storage(settings()) == kafka.ensure_storage(settings()) == tmp_path / "kafka/data"
    assert tool.runs == 1


def test_half_formatted_storage_is_formatted_again(
    settings: Callable[..., Settings], installed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kafka, "_format", FormatTool(tmp_path / "kafka", fails_halfway=True))
    with pytest.raises(CdcError):
        kafka.ensure_storage(settings())
    assert not (tmp_path / "kafka/data").exists()
    monkeypatch.setattr(kafka, "_format", FormatTool(tmp_path / "kafka"))
    assert (kafka.ensure_storage(settings()) / "meta.properties").exists()


def test_format_error_includes_last_line_of_output(settings: Callable[..., Settings], installed: Path) -> None:
    with pytest.raises(CdcError, match="Kafka's storage could not be formatted: no room"):
        kafka._format(["/bin/sh", "-c", "echo log >&2; echo no room >&2; exit 1"])


def test_cluster_ids_are_valid_for_kafka() -> None:
    ids = {kafka._cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(found) == 22 and not found.startswith("-") for found in ids)
