"""The stack in containers, for real: the demo is run once by local processes and once in containers, with the same clock."""

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

PROJECT = Path(__file__).resolve().parents[2]
LOCAL = PROJECT / ".local"
STATE = LOCAL / "test"
CLOCK = "2026-11-20T09:00:00+00:00"
COMMAND_TIMEOUT = 3600  # seconds for the longest command: building every image with cold caches
NAME = "listening-test"
PUBLISHED = ("core", "mart")

Ask = Callable[..., list[tuple[object, ...]]]


def runtime(name: str, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run an operator's command on the test stack in the runtime `docker` or `local`, as `make` does."""
    environment = os.environ | {"STACK": "test", "RUNTIME": name, "PYTHONPATH": str(PROJECT)} | extra
    command = [str(LOCAL / "env/runtime/bin/python"), "-m", "runtime", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=COMMAND_TIMEOUT
    )


def succeed(name: str, *arguments: str, **extra: str) -> str:
    """What a command that must succeed printed."""
    done = runtime(name, *arguments, **extra)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def docker(*arguments: str) -> str:
    """What `docker arguments` prints."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def containers() -> dict[str, dict[str, object]]:
    """What Docker tells of each container of the stack, by its name in the stack: `flask`, `spark-worker`, `spark-worker-2`."""
    ids = docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={NAME}").split()
    found = {}
    for container in json.loads(docker("inspect", *ids)) if ids else []:
        labels = container["Config"]["Labels"]
        name, number = labels["com.docker.compose.service"], labels["com.docker.compose.container-number"]
        found[name if number == "1" else f"{name}-{number}"] = container
    return found


@dataclass(frozen=True)
class Found:
    """What a demo left: the text that it ended with, and of every published table the rows and a digest of them."""

    text: str
    tables: dict[str, tuple[int, str]]

    @property
    def closing_table(self) -> str:
        """Plays and marts, as printed."""
        return self.text[self.text.index("What was found") : self.text.index("Load ")]


def tables(ask: Ask, database: str = "main") -> dict[str, tuple[int, str]]:
    """Rows of each published table and a digest of them all, without the load that wrote them."""
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
    """Rows of one query in source, main or replica; both runtimes have the same ports and passwords."""

    def rows(database: str, query: str, *values: object) -> list[tuple[object, ...]]:
        lines = (STATE / "settings.env").read_text().splitlines()
        settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        with psycopg.connect(settings[f"{database.upper()}_DATABASE_URL"], connect_timeout=10) as connection:
            return connection.execute(query, values).fetchall()

    return rows


@pytest.fixture(scope="session")
def images() -> str:
    """Every image, built from the present sources."""
    return succeed("docker", "docker-build")


@pytest.fixture(scope="session")
def local(ask: Ask) -> Found:
    """What the demo of the local runtime found; it is stopped again."""
    text = succeed("local", "demo", "--clock", CLOCK)
    found = Found(text, tables(ask))
    succeed("local", "down")
    return found


@pytest.fixture(scope="session")
def demo(images: str, local: Found, ask: Ask) -> Found:
    """What the demo in containers found; the stack stays up for the tests."""
    text = succeed("docker", "demo", "--clock", CLOCK)
    return Found(text, tables(ask))


@pytest.fixture(scope="session")
def settings(demo: Found) -> dict[str, str]:
    """The stack's settings."""
    lines = (STATE / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.fixture(scope="session", autouse=True)
def kept_logs() -> Iterator[None]:
    """What the containers said outlives them: a failure on another machine is read from it."""
    yield
    kept = LOCAL / "logs" / "containers"
    kept.mkdir(parents=True, exist_ok=True)
    for name, container in containers().items():
        with (kept / f"{name}.log").open("wb") as out:
            subprocess.run(["docker", "logs", str(container["Id"])], stdout=out, stderr=subprocess.STDOUT, timeout=60)
