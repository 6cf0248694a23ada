"""`docker/bin/postgres-server`: which data folders it accepts."""

import dataclasses
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from runtime.definition import stack as stacks
from runtime.definition.stack import PROJECT, program_path
from runtime.errors import OperatorError
from runtime.local.data_folders import require_readable_data

SERVER = PROJECT / "docker" / "bin" / "postgres-server"
MAJOR = 18
OTHER_MAJORS = [16, 17, 19]


@pytest.fixture
def data_folder(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that makes a data folder of a major version."""

    def make(major: int, name: str = "data") -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "PG_VERSION").write_text(f"{major}\n")
        return folder

    return make


def postgres_server(folder: Path, *arguments: str, path: Sequence[Path] = ()) -> tuple[int, str]:
    """Run the program and return its exit code and its output. `path` has folders to search before the project's."""
    environment = os.environ | {
        "PATH": os.pathsep.join([*map(str, path), *program_path(), os.environ["PATH"]]),
        "PGDATA": str(folder),
        "PGPORT": "1",
        "POSTGRES_DB": "main",
        "POSTGRES_PASSWORD": "secret",
        "LISTEN_HOST": "127.0.0.1",
        "SERVICE_NAME": "main",
    }
    done = subprocess.run([SERVER, *arguments], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("major", OTHER_MAJORS)
@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_server_refuses_data_of_another_major_version(
    data_folder: Callable[..., Path], major: int, arguments: tuple[str, ...]
) -> None:
    folder = data_folder(major)
    code, output = postgres_server(folder, *arguments)
    assert code == 78
    assert f"PostgreSQL {major} created the data folder {folder}, and PostgreSQL {MAJOR} cannot read it" in output
    assert "docs/operating.md" in output and "make clean CONFIRM=1" in output
    assert [file.name for file in folder.iterdir()] == ["PG_VERSION"]


@pytest.mark.parametrize("arguments", [(), ("--check",)])
def test_another_version_of_the_server_is_refused(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    program = tmp_path / "bin" / "postgres"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)'\n")
    program.chmod(0o755)
    code, output = postgres_server(tmp_path / "data", *arguments, path=[program.parent])
    assert code == 78
    assert f"{program} is PostgreSQL 15, and this project runs {MAJOR}" in output
    assert not (tmp_path / "data").exists()


def test_check_accepts_data_of_the_same_major_version(data_folder: Callable[..., Path]) -> None:
    assert postgres_server(data_folder(MAJOR), "--check") == (0, "")


def test_check_accepts_a_missing_data_folder(tmp_path: Path) -> None:
    assert postgres_server(tmp_path / "data", "--check") == (0, "")
    assert not (tmp_path / "data").exists()


def test_start_refuses_data_of_another_major_version(data_folder: Callable[..., Path], tmp_path: Path) -> None:
    stack = dataclasses.replace(stacks.test_stack(), state=tmp_path, settings_file=tmp_path / "settings.env")
    services = stack.services()
    require_readable_data(stack, services.values())
    data_folder(16, "data/main")
    with pytest.raises(OperatorError, match=r"The service main cannot start\. PostgreSQL 16 created the data folder"):
        require_readable_data(stack, services.values())


def test_both_runtimes_use_the_same_major_version() -> None:
    dockerfile = (PROJECT / "docker" / "images" / "postgres.Dockerfile").read_text()
    local = re.findall(r"pginstall(\d+)", " ".join(program_path()))
    stages = re.findall(r"^ARG MAJOR=(\d+)$", dockerfile, re.MULTILINE)
    assert (local, stages) == ([str(MAJOR)], [str(MAJOR)])
    assert f"readonly MAJOR={MAJOR} " in SERVER.read_text()


def test_operating_guide_describes_the_upgrade_that_the_error_names() -> None:
    assert "## PostgreSQL upgrade\n" in (PROJECT / "docs" / "operating.md").read_text()
