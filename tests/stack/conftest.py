"""Fixtures of the stack tests. The demo runs once on the test stack, and the tests check its results."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.running_stack import LOCAL, PROJECT, STATE, export_settings, runtime

Ask = Callable[..., list[tuple[Any, ...]]]
Truth = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def demo() -> str:
    """Return the output of `make demo` on the test stack."""
    done = runtime("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session", autouse=True)
def settings(demo: str) -> dict[str, str]:
    """Return the settings of the running stack, and export them as environment variables for tests that read those."""
    return export_settings()


@pytest.fixture(scope="session")
def truth(demo: str) -> Truth:
    """Return the expected figures of each listener, as the simulated Spotify counts them from its own plays."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT), "SPOTIFY_CLOCK_FILE": str(STATE / "spotify_clock")}
    command = [str(LOCAL / "env/flask/bin/python"), "-m", "simulated_spotify.truth"]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    figures: Truth = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


@pytest.fixture(scope="session")
def ask(settings: dict[str, str]) -> Ask:
    """Return a function that runs a query in source, main or replica and returns its rows."""

    def rows(database: str, query: str, *values: object) -> list[tuple[Any, ...]]:
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
