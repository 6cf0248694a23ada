"""The gate without a usable database: one sentence, no password, and the exit code of a command that could not run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run_gate(url: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"GATE_MAIN_DATABASE_URL": url, "PYTHONPATH": ""}
    command = [sys.executable, str(ROOT / "soda" / "gate.py"), "load", "7"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql://gate:hidden@127.0.0.1:1/main", "Connection refused"),  # Nothing listens there.
        ("postgresql://gate:hidden@127.0.0.1:5433/main?no_such_parameter=1", "invalid URI query parameter"),
        ("postgresql://gate:hidden@127.0.0.1:5433/main%zz", "invalid percent-encoded token"),
        ("not a URL hidden", "GATE_MAIN_DATABASE_URL (Input should be a valid URL"),
    ],
)
def test_gate_without_a_usable_database_could_not_run(url, problem):
    done = run_gate(url)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert problem in done.stderr and "in .env." in done.stderr
    assert "hidden" not in done.stderr and "Traceback" not in done.stderr
