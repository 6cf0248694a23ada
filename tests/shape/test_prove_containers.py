"""`.ci/prove-containers` fails in CI if no container engine answers."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci/prove-containers"


@pytest.fixture
def run_without_engine(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a copy of the script where `docker info` fails and no starter script exists."""
    project, programs = tmp_path / "work" / "project", tmp_path / "bin"
    (project / ".ci").mkdir(parents=True)
    script = shutil.copy(SCRIPT, project / ".ci")
    programs.mkdir()
    docker = programs / "docker"
    docker.write_text("#!/bin/sh\nexit 1\n")
    docker.chmod(0o755)

    def run(ci: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "CI": ci}
        return subprocess.run([script], env=environment, capture_output=True, text=True, timeout=60)

    return run


def test_missing_engine_fails_in_ci(run_without_engine: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    done = run_without_engine(ci="true")
    assert done.returncode == 1
    assert "no Docker engine answers" in done.stderr


def test_missing_engine_skips_container_tests_outside_ci(
    run_without_engine: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = run_without_engine(ci="")
    assert done.returncode == 0
    assert "left out" in done.stdout
