"""Fixtures of the container tests. The demo runs once as local processes and once in containers, with the same clock."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

PROJECT = Path(__file__).resolve().parents[2]
LOCAL = PROJECT / ".local"
STATE = LOCAL / "test"
CLOCK = "2026-11-20T09:00:00+00:00"
COMMAND_TIMEOUT = 3600  # seconds for the longest command: building every image with cold caches
NAME = "listening-test"
PUBLISHED = ("core", "mart")

Ask = Callable[..., list[tuple[Any, ...]]]


def runtime(name: str, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run an operator's command on the test stack in the runtime `docker` or `local`, as `make` does."""
    environment = os.environ | {"STACK": "test", "RUNTIME": name, "PYTHONPATH": str(PROJECT)} | extra
    command = [str(LOCAL / "env/runtime/bin/python"), "-m", "runtime", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=COMMAND_TIMEOUT
    )


def succeed(name: str, *arguments: str, **extra: str) -> str:
    """Run a command that must succeed, and return its output."""
    done = runtime(name, *arguments, **extra)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def docker(*arguments: str) -> str:
    """Run `docker` with these arguments, and return its output."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def containers() -> dict[str, dict[str, Any]]:
    """Return the output of `docker inspect` by service: `flask`, `spark-worker`, `spark-worker-2`."""
    ids = docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={NAME}").split()
    found = {}
    for container in json.loads(docker("inspect", *ids)) if ids else []:
        labels = container["Config"]["Labels"]
        name, number = labels["com.docker.compose.service"], labels["com.docker.compose.container-number"]
        found[name if number == "1" else f"{name}-{number}"] = container
    return found


@dataclass(frozen=True)
class DemoResult:
    """The output of a demo, and the number of rows and their digest for each published table."""

    text: str
    tables: dict[str, tuple[int, str]]

    @property
    def closing_table(self) -> str:
        """Return the printed table of plays and marts."""
        return self.text[self.text.index("What was found") : self.text.index("Load ")]


def tables(ask: Ask, database: str = "main") -> dict[str, tuple[int, str]]:
    """Return the number of rows and their digest for each published table. The digest leaves out `load_id`."""
    names = ask(
        database, "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname = ANY(%s)", list(PUBLISHED)
    )
    found = {}
    for (table,) in sorted(names):
        rows = ask(database, f"SELECT to_jsonb(t) - 'load_id' FROM {table} t")
        lines = sorted(json.dumps(row, sort_keys=True) for (row,) in rows)
        found[str(table)] = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found


@pytest.fixture(scope="session")
def ask() -> Ask:
    """Return a function that runs a query in source, main or replica. Both runtimes use the same ports and passwords."""

    def rows(database: str, query: str, *values: object) -> list[tuple[object, ...]]:
        lines = (STATE / "settings.env").read_text().splitlines()
        settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        with psycopg.connect(settings[f"{database.upper()}_DATABASE_URL"], connect_timeout=10) as connection:
            return connection.execute(query, values).fetchall()

    return rows


@pytest.fixture(scope="session")
def images() -> str:
    """Build all images from the current sources."""
    return succeed("docker", "docker-build")


@pytest.fixture(scope="session")
def local(ask: Ask) -> DemoResult:
    """Run the demo as local processes, then stop the stack."""
    text = succeed("local", "demo", "--clock", CLOCK)
    found = DemoResult(text, tables(ask))
    succeed("local", "down")
    return found


@pytest.fixture(scope="session")
def demo(images: str, local: DemoResult, ask: Ask) -> DemoResult:
    """Run the demo in containers. The stack keeps running for the tests."""
    text = succeed("docker", "demo", "--clock", CLOCK)
    return DemoResult(text, tables(ask))


@pytest.fixture(scope="session")
def settings(demo: DemoResult) -> dict[str, str]:
    """Return the settings of the stack."""
    lines = (STATE / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="session", autouse=True)
def kept_logs() -> Iterator[None]:
    """Save the logs of the containers, so that a failure on another machine can be diagnosed."""
    yield
    kept = LOCAL / "logs" / "containers"
    kept.mkdir(parents=True, exist_ok=True)
    for name, container in containers().items():
        with (kept / f"{name}.log").open("wb") as out:
            subprocess.run(["docker", "logs", str(container["Id"])], stdout=out, stderr=subprocess.STDOUT, timeout=60)
