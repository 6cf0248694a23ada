"""Unsuitable Docker engines are rejected with one sentence. A fake `docker` program prints what such an engine prints."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runtime.containers import engine
from runtime.errors import OperatorError

GOOD_INFO = {"ServerVersion": "26.1.5", "MemTotal": 16 * 2**30, "DockerRootDir": "/"}
GOOD = {
    "info": GOOD_INFO,
    "compose": "2.26.1",
    "buildx": "0.13.1",
}


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a fake `docker` on PATH that describes the given engine. Without a call, PATH has no docker."""

    def install(**described: Any) -> None:
        engine_facts = GOOD | described
        info = json.dumps(engine_facts["info"])
        lines = [
            "#!/bin/sh",
            'case "$1 $2" in',
            f"'info --format') echo '{info}' ;;",
            f"'compose version') {_print_command(engine_facts['compose'])} ;;",
            f"'buildx version') {_print_command(engine_facts['buildx'])} ;;",
            "esac",
        ]
        program = tmp_path / "docker"
        program.write_text("\n".join(lines) + "\n")
        program.chmod(0o755)

    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")
    monkeypatch.setattr(engine, "MIN_DISK", 0)
    return install


def _print_command(version: str) -> str:
    return f"echo {version}" if version else "exit 1"


def test_suitable_engine_is_accepted(docker: Callable[..., None]) -> None:
    docker()
    assert engine.problem() is None
    engine.require_suitable(to_build=False)


def test_missing_docker_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(engine.problem()).startswith("There is no command docker: install Docker Engine")


@pytest.mark.parametrize(
    ("described", "message"),
    [
        (
            {"info": {"ServerErrors": ["Cannot connect to the Docker daemon"]}},
            "Cannot connect to the Docker daemon.*start it",
        ),
        ({"info": {}}, "does not answer.*start it"),
        ({"info": GOOD_INFO | {"ServerVersion": "24.0.9"}}, r"Docker engine is version 24.0; 25.0 or newer"),
        ({"compose": "2.17.3"}, r"Compose plugin is version 2.17; 2.24"),
        ({"compose": ""}, "Compose plugin is missing"),
        ({"buildx": ""}, "buildx plugin is missing"),
        ({"info": GOOD_INFO | {"MemTotal": 2 * 2**30}}, r"has 2.0 GiB of memory.*give it more"),
    ],
)
def test_unsuitable_engine_is_reported_on_one_line(
    docker: Callable[..., None], described: dict[str, Any], message: str
) -> None:
    docker(**described)
    with pytest.raises(OperatorError, match=message) as refused:
        engine.require_suitable(to_build=False)
    assert "\n" not in str(refused.value)


def test_full_disk_is_reported_before_a_build(docker: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    docker()
    monkeypatch.setattr(engine, "MIN_DISK_TO_BUILD", 10**6)
    with pytest.raises(OperatorError, match="GiB free and 1000000 are needed: make room"):
        engine.require_suitable(to_build=True)
