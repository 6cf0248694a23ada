"""Fixtures of the stack tests. The demo runs once on the test stack, and the tests check its results."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
LOCAL = PROJECT / ".local"
STATE = LOCAL / "test"
SHARED = PROJECT.parent / "shared"
COMMAND_TIMEOUT = 900  # seconds for the longest command: a demo on a slow machine
PIPELINE_TIMEOUT = 600


def runtime(*arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run an operator's command on the test stack, as `make` does."""
    environment = os.environ | {"STACK": "test", "PYTHONPATH": str(PROJECT)} | extra
    command = [str(LOCAL / "env/runtime/bin/python"), "-m", "runtime", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=COMMAND_TIMEOUT
    )


@pytest.fixture(scope="session")
def demo() -> str:
    """Return the output of `make demo` on the test stack."""
    done = runtime("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session", autouse=True)
def settings(demo: str) -> dict[str, str]:
    """Return the settings of the running stack, and export them as environment variables for tests that read those."""
    lines = (STATE / "settings.env").read_text().splitlines()
    found = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    found["DASHBOARD_URL"] = f"http://127.0.0.1:{found['DASHBOARD_PORT']}"
    found["CONNECT_URL"] = f"http://127.0.0.1:{found['CONNECT_PORT']}"
    found["KAFKA_BOOTSTRAP"] = f"127.0.0.1:{found['KAFKA_PORT']}"
    found |= {"MAIN_HOST": "127.0.0.1", "REPLICA_HOST": "127.0.0.1"}
    found |= {"KAFKA_DIR": str(STATE / "data/kafka"), "CONNECT_DIR": str(STATE / "connect")}
    os.environ.update({name: value for name, value in found.items() if value})
    return found


@pytest.fixture(scope="session")
def truth(demo: str) -> dict[str, dict[str, object]]:
    """Return the expected figures of each listener, as the simulated Spotify counts them from its own plays."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "SPOTIFY_CLOCK_FILE": str(STATE / "spotify_clock")}
    command = [str(LOCAL / "env/flask/bin/python"), "-m", "simulated_spotify.truth"]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def ask(settings: dict[str, str]) -> Callable[..., list[tuple[object, ...]]]:
    """Return a function that runs a query in source, main or replica and returns its rows."""

    def rows(database: str, query: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(settings[f"{database.upper()}_DATABASE_URL"], connect_timeout=10) as connection:
            return connection.execute(query, values).fetchall()

    return rows


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    root_arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=root_arguments)
        yield chromium
        chromium.close()
