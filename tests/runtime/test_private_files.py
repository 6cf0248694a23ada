"""Only the user that runs the stack can read what it writes."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime import __main__ as command_line
from runtime.definition.stack import PROJECT, Stack, current_stack
from runtime.local import service as service_module
from runtime.local.service import prepare_data
from runtime.local.supervisor import Supervisor
from runtime.private_files import UMASK


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Start with the usual umask, under which everybody can read new files."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    """A stack in an empty folder."""
    return dataclasses.replace(current_stack(), state=tmp_path / "state", settings_file=tmp_path / ".env")


def current_umask() -> int:
    umask = os.umask(UMASK)
    os.umask(umask)
    return umask


def test_commands_of_the_operator_write_private_files(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    monkeypatch.setattr(command_line, "cli", lambda **_: found.append(current_umask()))
    command_line.main()
    assert found == [0o077]


def test_service_starts_with_private_files(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[int] = []
    monkeypatch.setattr(service_module, "current_stack", lambda: stack)
    monkeypatch.setattr(sys, "argv", ["service", "kafka"])
    monkeypatch.setattr(os, "chdir", lambda _: None)
    monkeypatch.setattr(os, "execvpe", lambda *_: found.append(current_umask()))
    service_module.main()
    assert found == [0o077]


def test_supervisor_writes_private_logs(stack: Stack) -> None:
    config = Supervisor(stack)._config(stack.services())
    assert "\numask=077\n" in config[: config.index("[program:")]


@pytest.mark.parametrize("name", ["kafka", "connect", "flask", "spark-worker", "airflow-scheduler", "main"])
def test_data_folders_are_private_also_if_they_were_open_before(stack: Stack, name: str) -> None:
    service = stack.services()[name]
    folders = [Path(path) for key, path in service.environment.items() if key in service_module.DATA_FOLDERS]
    folders += [Path(service.environment["PGDATA"]).parent] if service.is_unprivileged else []
    assert folders
    for folder in folders:
        folder.mkdir(parents=True)
    prepare_data(stack, service)
    assert {oct(folder.stat().st_mode & 0o777) for folder in folders} == {"0o700"}


def test_user_of_postgres_can_pass_through_the_folder_of_the_stack(stack: Stack) -> None:
    stack.state.mkdir(mode=0o700)
    prepare_data(stack, stack.services()["main"])
    assert bool(stack.state.stat().st_mode & 0o001) == (os.geteuid() == 0)


def test_metric_is_written_for_everyone(tmp_path: Path) -> None:
    code = "import runtime.commands.development as d; d.write_metric = lambda *_: [open('f', 'x')] and []; d.metric_command()"
    environment = os.environ | {"PYTHONPATH": str(PROJECT)}
    subprocess.run(
        [sys.executable, "-c", code, "--name", "x"], env=environment, cwd=tmp_path, umask=UMASK, check=True, timeout=60
    )
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o644


def test_every_image_starts_its_command_with_private_files() -> None:
    """All images are based on `base`, and none replaces its entrypoint."""
    folder = PROJECT / "docker" / "images"
    entrypoints = {
        file.stem: line for file in folder.iterdir() for line in file.read_text().splitlines() if "ENTRYPOINT" in line
    }
    assert entrypoints == {"base": 'ENTRYPOINT ["sh", "-c", "umask 077 && exec \\"$@\\"", "sh"]'}
