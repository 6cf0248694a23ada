"""A copy of the project with a metric that `make metric` wrote, for tests that run the project's own tests on it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from runtime.metric.scaffold import write_metric

PROJECT = Path(__file__).resolve().parents[1]
NAME = "plays_by_month"
COMMAND_TIMEOUT = 250  # seconds


def copy_with_metric(folder: Path, *names: str) -> Path:
    """Copy the project into `folder`, without ignored files, and write the metrics. Return the copy's folder."""
    copy = folder / "project"
    for path in _git(PROJECT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (PROJECT / path).is_file():
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / path, copy / path)
    for name in names:
        write_metric(name, copy)
    _git(copy, "init", "--quiet")  # Tests of the tree read the list of tracked files.
    _git(copy, "add", "--all")
    return copy


def run(copy: Path, *command: str) -> str:
    """Run a command in the copy. Return its output, and fail the test if the command fails."""
    environment = os.environ | {"PYTHONPATH": str(copy)}
    done = subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, timeout=COMMAND_TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_tests(copy: Path, *arguments: str) -> str:
    """Run the copy's tests with this interpreter. pytest fails if no test is selected."""
    return run(copy, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout
