"""Containers as Docker lists them, and files that are sent to a command in a container."""

import subprocess

import pytest

from runtime.containers import engine, inbox
from runtime.containers.listing import Container, containers_of, memory_of
from runtime.errors import OperatorError


@pytest.fixture
def docker(monkeypatch):
    """Return a function that sets what `docker <command>` prints, and collects the calls."""

    def prints(**outputs):
        calls = []

        def ask(*arguments):
            calls.append(arguments)
            return outputs[arguments[0]]

        monkeypatch.setattr(engine, "ask", ask)
        return calls

    return prints


def test_containers_are_listed_by_service_and_replica(docker):
    calls = docker(ps="page\t1\trunning\tUp 2 minutes (healthy)\npage\t2\texited\tExited (1) 3 seconds ago")
    assert containers_of("listening") == {
        "page": Container("running", "Up 2 minutes (healthy)"),
        "page-2": Container("exited", "Exited (1) 3 seconds ago"),
    }
    assert "label=com.docker.compose.project=listening" in calls[0]
    assert "label=com.docker.compose.oneoff=False" in calls[0]


def test_project_without_containers_has_none_and_uses_no_memory(docker):
    docker(ps="")
    assert containers_of("listening") == {}
    assert memory_of("listening") == 0


@pytest.mark.parametrize(
    ("state", "status", "word", "is_ready", "has_failed"),
    [
        ("running", "Up 2 minutes (healthy)", "healthy", True, False),
        ("running", "Up 2 minutes (unhealthy)", "unhealthy", False, True),
        ("running", "Up 2 seconds (health: starting)", "starting", False, False),
        ("restarting", "Restarting (1) 5 seconds ago", "restarting", False, True),
        ("exited", "Exited (0) 5 seconds ago", "stopped", True, False),
        ("exited", "Exited (10) 5 seconds ago", "stopped", False, True),
        ("created", "Created", "stopped", False, False),
    ],
)
def test_state_of_a_container(state, status, word, is_ready, has_failed):
    container = Container(state, status)
    assert (container.word, container.is_ready, container.has_failed) == (word, is_ready, has_failed)


def test_memory_is_the_sum_of_all_containers(docker):
    docker(ps="a\nb\nc", stats="1.5GiB / 8GiB\n512MiB / 8GiB\n0B / 0B")
    assert memory_of("listening") == 2 * 2**30


def test_command_receives_the_sent_files_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(inbox, "INBOX", str(tmp_path / "inbox"))
    files = []
    for folder, content in (("first", "one"), ("second", "two")):
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "my export.json")  # Two files of one name.
        files[-1].write_text(content)
    command = inbox.unpacking(["cat"], files)
    with inbox.packed(files) as stream:
        assert subprocess.run(command, stdin=stream, capture_output=True, timeout=60, check=True).stdout == b"onetwo"


def test_command_without_files_is_unchanged_and_has_no_input():
    assert inbox.unpacking(["python", "-m", "module"], []) == ["python", "-m", "module"]
    with inbox.packed([]) as stream:
        assert stream == subprocess.DEVNULL


def test_missing_file_is_named(tmp_path):
    with (
        pytest.raises(OperatorError, match=r"gone\.zip is not a readable file\. Check FILES\."),
        inbox.packed([tmp_path / "gone.zip"]),
    ):
        pass


def test_command_that_reads_no_input_does_not_block_the_sender(tmp_path):
    large = tmp_path / "large"
    large.write_bytes(b"0" * 2**20)  # More than a pipe holds.
    with inbox.packed([large]) as stream:
        subprocess.run(["true"], stdin=stream, timeout=60, check=True)
