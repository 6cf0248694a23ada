"""Services start as one foreground JVM, and say what is missing."""

import json
import os
import shutil
from pathlib import Path

import pytest

from cdc_connectors.errors import CdcError, JavaMissing
from cdc_connectors.java_services import connect, kafka
from cdc_connectors.java_services.java import java_command, write_atomically


@pytest.fixture
def installed(monkeypatch, tmp_path) -> Path:
    """A JAVA_HOME and a folder of jars, as far as the command line needs them."""
    java = tmp_path / "jdk/bin/java"
    java.parent.mkdir(parents=True)
    shutil.copy("/bin/true", java)
    (tmp_path / "jars/lib").mkdir(parents=True)
    (tmp_path / "jars/lib/kafka_2.13-4.3.1.jar").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    return java


@pytest.fixture
def became(monkeypatch) -> list[list[str]]:
    """The commands this process would have become."""
    commands: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: commands.append(command))
    return commands


def run(command) -> None:
    command.main([], standalone_mode=False)


def test_without_java_it_says_what_to_install(settings, monkeypatch, tmp_path):
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaMissing, match="install a JRE, 17 or newer"):
        java_command(settings(), "kafka.Kafka", [], "64m")


def test_without_jars_it_says_how_to_fetch_them(settings, installed, tmp_path):
    shutil.rmtree(tmp_path / "jars")
    with pytest.raises(JavaMissing, match=r"mvn -B -q -f cdc_connectors/pom.xml process-resources -Dout=.*/jars"):
        java_command(settings(), "kafka.Kafka", [], "64m")


def test_the_broker_becomes_java_with_its_rendered_properties(settings, installed, became, tmp_path):
    settings(KAFKA_HEAP="300m")
    (tmp_path / "kafka/data").mkdir(parents=True)
    run(kafka.main)
    (command,) = became
    assert command[0] == str(installed)
    assert "-Xmx300m" in command
    assert command[-2:] == ["kafka.Kafka", str(tmp_path / "kafka/server.properties")]
    assert f"log.dirs={tmp_path}/kafka/data" in (tmp_path / "kafka/server.properties").read_text()


def test_the_worker_becomes_java_with_no_secret_on_its_command_line(settings, installed, became, tmp_path):
    settings(DEBEZIUM_PASSWORD="hidden-one", SINK_PASSWORD="hidden-two")
    run(connect.main)
    (command,) = became
    assert command[-1] == str(tmp_path / "connect/worker.properties")
    assert "hidden" not in " ".join(command) + (tmp_path / "connect/worker.properties").read_text()


def test_the_worker_refuses_to_start_without_a_password(settings, installed, became, monkeypatch, capsys):
    settings(SINK_PASSWORD="")
    with pytest.raises(SystemExit) as raised:
        run(connect.main)
    assert (raised.value.code, became) == (2, [])
    [line] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["service"]) == ("critical", "connect")
    assert line["message"] == "SINK_PASSWORD is not set: set it in .env (see .env.example)."


def test_a_file_is_replaced_whole(tmp_path):
    file = tmp_path / "deep/server.properties"
    write_atomically(file, "old")
    write_atomically(file, "new")
    assert [(found.name, found.read_text()) for found in file.parent.iterdir()] == [("server.properties", "new")]


class FormatTool:
    """Stands where Kafka's formatter would be called: makes what it makes, and may be cut off in the middle."""

    def __init__(self, state: Path, dies: bool = False) -> None:
        self.state, self.dies, self.runs = state, dies, 0

    def __call__(self, tool: list[str]) -> None:
        self.runs += 1
        fresh = self.state / "data.new"
        fresh.mkdir()  # Fails when an earlier half is still there.
        if self.dies:
            raise CdcError("killed")
        (fresh / "meta.properties").touch()


def test_storage_is_formatted_once(settings, installed, monkeypatch, tmp_path):
    tool = FormatTool(tmp_path / "kafka")
    monkeypatch.setattr(kafka, "_format", tool)
    assert kafka.ensure_storage(settings()) == kafka.ensure_storage(settings()) == tmp_path / "kafka/data"
    assert tool.runs == 1


def test_storage_half_formatted_at_a_kill_is_formatted_again(settings, installed, monkeypatch, tmp_path):
    monkeypatch.setattr(kafka, "_format", FormatTool(tmp_path / "kafka", dies=True))
    with pytest.raises(CdcError):
        kafka.ensure_storage(settings())
    assert not (tmp_path / "kafka/data").exists()
    monkeypatch.setattr(kafka, "_format", FormatTool(tmp_path / "kafka"))
    assert (kafka.ensure_storage(settings()) / "meta.properties").exists()


def test_a_failed_format_says_why_in_one_sentence(settings, installed):
    with pytest.raises(CdcError, match="Kafka's storage could not be formatted: no room"):
        kafka._format(["/bin/sh", "-c", "echo log >&2; echo no room >&2; exit 1"])


def test_cluster_ids_are_what_kafka_accepts():
    ids = {kafka._cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(found) == 22 and not found.startswith("-") for found in ids)
