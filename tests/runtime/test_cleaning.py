"""`make clean` keeps the data of real listeners, and of listeners that it cannot ask about, unless it is confirmed."""

import dataclasses
import os
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from runtime.containers import engine
from runtime.definition.stack import PROJECT, Stack, current_stack
from runtime.errors import OperatorError
from runtime.operations import cleaning


class FakeRuntime:
    """A runtime with or without data."""

    def __init__(self, stack: Stack, name: str, has_data: bool) -> None:
        self.stack = stack
        self.name = name
        self.data = has_data
        self.calls: list[str] = []

    def has_data(self) -> bool:
        return self.data

    def is_running(self) -> bool:
        return False

    def start(self, wanted: Sequence[str]) -> None:
        self.calls.append(f"start {wanted[0]}")

    def stop(self) -> None:
        self.calls.append("stop")

    def remove(self) -> None:
        self.calls.append("remove")


Checkout = tuple[Stack, FakeRuntime, FakeRuntime]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """A checkout after a demo: a stack with data, settings, tools and builds. Returns the stack and its two runtimes."""
    state = tmp_path / ".local"
    stack = dataclasses.replace(current_stack(), name="use", state=state, settings_file=tmp_path / ".env")
    for folder in ("data/source", "jars", "env/runtime", "env/spark", "logs", "uploads"):
        (state / folder).mkdir(parents=True)
    (state / "containers").write_text("listening")
    stack.settings_file.write_text("SOURCE_PORT=5433\nSOURCE_OWNER_PASSWORD=secret\n")
    (tmp_path / "dashboard" / ".next").mkdir(parents=True)
    local, docker = FakeRuntime(stack, "local", True), FakeRuntime(stack, "docker", False)
    monkeypatch.setattr(cleaning, "LOCAL", state)
    monkeypatch.setattr(cleaning, "PROJECT", tmp_path)
    monkeypatch.setattr(cleaning, "all_runtimes", lambda of: [docker, local] if of is stack else [])
    return stack, local, docker


def listeners(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(cleaning, "real_listeners", lambda server: list(names))


def test_simulated_data_is_deleted_without_confirmation(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    stack, local, docker = checkout
    listeners(monkeypatch)
    cleaning.clean(stack, confirmed=False)
    assert local.calls == ["start source", "stop", "remove"] and docker.calls == ["remove"]
    assert not stack.state.exists() and not stack.settings_file.exists()


def test_real_data_and_its_keys_are_kept_and_tools_are_removed(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack, local, _ = checkout
    listeners(monkeypatch, "ana", "me")
    cleaning.clean(stack, confirmed=False)
    assert "remove" not in local.calls and local.calls[-1] == "stop"
    assert sorted(entry.name for entry in stack.state.iterdir()) == ["containers", "data", "env", "uploads"]
    assert [entry.name for entry in (stack.state / "env").iterdir()] == ["runtime"]
    assert (stack.state / "data" / "source").exists() and stack.settings_file.exists()
    assert not (stack.settings_file.parent / "dashboard" / ".next").exists()
    output = capsys.readouterr().err
    assert "kept the data in .local/: it belongs to real listeners (ana, me)" in output
    assert ".env is kept as well" in output and "make clean CONFIRM=1" in output


def test_clean_works_twice_with_real_data(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    stack, _, _ = checkout
    listeners(monkeypatch, "ana")
    cleaning.clean(stack, confirmed=False)
    cleaning.clean(stack, confirmed=False)
    assert (stack.state / "data" / "source").exists()


def test_confirmed_clean_deletes_real_data_without_a_question(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, local, _ = checkout
    listeners(monkeypatch, "ana")
    cleaning.clean(stack, confirmed=True)
    assert local.calls == ["remove"] and not stack.state.exists() and not stack.settings_file.exists()


def test_real_data_in_containers_keeps_the_volumes_and_their_marker(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack, local, docker = checkout
    local.data, docker.data = False, True
    listeners(monkeypatch, "ana")
    monkeypatch.setattr(engine, "problem", lambda: "There is no command docker.")
    cleaning.clean(stack, confirmed=False)
    assert "remove" not in docker.calls and (stack.state / "containers").exists()
    assert not (stack.state / "data").exists()
    assert "kept the Docker volumes" in capsys.readouterr().err


@pytest.mark.parametrize("error", [OperatorError("source does not start."), psycopg.OperationalError("refused")])
def test_data_that_cannot_be_examined_is_kept(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    stack, _, _ = checkout

    def fail(server: str) -> None:
        raise error

    monkeypatch.setattr(cleaning, "real_listeners", fail)
    cleaning.clean(stack, confirmed=False)
    assert (stack.state / "data" / "source").exists() and stack.settings_file.exists()
    assert f"cannot be determined ({error})" in capsys.readouterr().err


def test_data_without_its_settings_is_kept(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    stack, local, _ = checkout
    stack.settings_file.unlink()
    cleaning.clean(stack, confirmed=False)
    assert (stack.state / "data" / "source").exists() and local.calls == ["stop"]
    assert ".env is missing" in capsys.readouterr().err and not stack.settings_file.exists()


def test_clean_after_a_demo_that_made_no_data(checkout: Checkout) -> None:
    stack, local, _ = checkout
    local.data = False
    cleaning.clean(stack, confirmed=False)
    assert "start source" not in local.calls and not stack.state.exists()


@pytest.fixture
def database() -> Iterator[tuple[str, str]]:
    server = os.environ.get("TEST_POSTGRES_URL") or pytest.fail(
        "Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL."
    )
    name = f"runtime_test_source_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as owner:
        owner.execute(f"CREATE DATABASE {name}")
        try:
            yield server, name
        finally:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_listeners_that_are_not_simulated_are_real(database: tuple[str, str]) -> None:
    server, name = database
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    command = [os.environ["MIGRATE_PYTHON"], "-m", "sql.migrate", "source", "--url", url]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=120)
    assert cleaning.real_listeners(server, name) == []
    with psycopg.connect(url) as source:
        source.execute(
            "INSERT INTO raw.listener (listener_id, display_name, is_simulated) "
            "VALUES ('sim', 'Sim', true), ('me', 'Me', false), ('ana', 'Ana', false)"
        )
    assert cleaning.real_listeners(server, name) == ["ana", "me"]


def test_database_without_migrations_has_no_real_listeners(database: tuple[str, str]) -> None:
    server, name = database
    assert cleaning.real_listeners(server, name) == []
    assert cleaning.real_listeners(server, f"{name}_missing") == []
