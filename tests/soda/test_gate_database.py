"""The gate without a usable database: one sentence, no password, and the exit code of a command that could not run."""

import os
import subprocess
import sys
from pathlib import Path

import gate
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
def test_gate_without_a_usable_database_could_not_run(url: str, problem: str) -> None:
    done = run_gate(url)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert problem in done.stderr and "in .env." in done.stderr
    assert "hidden" not in done.stderr and "Traceback" not in done.stderr


def test_unreachable_database_is_reported_without_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GATE_MAIN_DATABASE_URL", "postgresql://gate:hidden@127.0.0.1:1/main")

    assert gate.main(["load", "7"]) == 3

    error = capsys.readouterr().err
    assert (
        error.startswith("Cannot connect to the database main at 127.0.0.1:1 (")
        and error.count("\n") == 1
        and "hidden" not in error
    )


@pytest.mark.parametrize("url", [None, "", "mysql://gate:hidden@nowhere"])
def test_error_names_missing_or_invalid_setting(
    url: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GATE_MAIN_DATABASE_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("GATE_MAIN_DATABASE_URL", url)

    assert gate.main(["load", "7"]) == 3

    error = capsys.readouterr().err
    assert "GATE_MAIN_DATABASE_URL" in error and "hidden" not in error
