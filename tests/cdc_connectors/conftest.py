"""Fixtures: isolated settings, a scripted Kafka Connect over HTTP, and empty PostgreSQL databases."""

import base64
import json
import logging
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import structlog

from cdc_connectors.settings import CONNECT_USER, Settings
from common.settings import load_settings

SECRET = "the-secret"
PROJECT = Path(__file__).parents[2]
MIGRATE = os.environ.get("MIGRATE_PYTHON", str(PROJECT / ".local/env/cdc/bin/python"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove this component's settings from the environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Settings]:
    """Return a function that reads settings from an environment with the given values and all secrets."""

    def read(**values: str) -> Settings:
        defaults = {
            "KAFKA_DIR": str(tmp_path / "kafka"),
            "CONNECT_DIR": str(tmp_path / "connect"),
            "CDC_JARS": str(tmp_path / "jars"),
        }
        names = ("KAFKA_PASSWORD", "CONNECT_PASSWORD", "DEBEZIUM_PASSWORD", "SINK_PASSWORD")
        secrets = dict.fromkeys(names, SECRET)
        for name, value in (defaults | secrets | values).items():
            monkeypatch.setenv(name, value)
        return load_settings(Settings)

    return read


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    """Undo the process-wide logging that a service's main sets up."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers, root.level
    yield
    root.handlers, sys.excepthook = handlers, hook
    root.setLevel(level)
    structlog.reset_defaults()


class ScriptedConnect:
    """A stand-in for Kafka Connect: answers by method and path, repeats the last answer, and records requests.

    Like Kafka Connect, it refuses a request without the password, in plain text that it calls JSON.
    """

    authorization = "Basic " + base64.b64encode(f"{CONNECT_USER}:{SECRET}".encode()).decode()

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], list[tuple[int, object]]] = {}
        self.requests: list[tuple[str, str, object]] = []
        self.url = ""

    def set_answers(self, method: str, path: str, *answers: tuple[int, object]) -> None:
        self.answers[method, path] = list(answers)

    def answer(self, method: str, path: str, body: object) -> tuple[int, object]:
        self.requests.append((method, path, body))
        answers = self.answers.get((method, path), [(404, {"error_code": 404, "message": "not found"})])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def count(self, method: str, path: str) -> int:
        return sum((method, path) == request[:2] for request in self.requests)


@pytest.fixture
def connect_server() -> Iterator[ScriptedConnect]:
    script = ScriptedConnect()

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            sent = json.loads(self.rfile.read(length)) if length else None
            is_allowed = self.headers.get("Authorization") == script.authorization
            code, content = script.answer(self.command, self.path, sent) if is_allowed else (401, "User cannot access.")
            is_page = isinstance(content, str)
            body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/html" if is_page and is_allowed else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_PATCH = respond

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield script
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def server_url() -> str:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.fail(
            "Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL: these tests create and drop databases there."
        )
    return url


@pytest.fixture(scope="session")
def new_database(server_url: str) -> Iterator[Callable[[str], str]]:
    """Return a function that creates an empty database and returns its URL. All are dropped at the end."""
    created: list[str] = []
    with psycopg.connect(server_url, autocommit=True, connect_timeout=10) as server:

        def create(kind: str) -> str:
            name = f"cdc_test_{kind}_{uuid.uuid4().hex[:8]}"
            server.execute(f"CREATE DATABASE {name}")
            created.append(name)
            return urlsplit(server_url)._replace(path=f"/{name}").geturl()

        yield create
        for name in created:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _migrated(database: str, url: str) -> str:
    subprocess.run([MIGRATE, "-m", "sql.migrate", database, "--url", url], cwd=PROJECT, check=True, timeout=120)
    return url


@pytest.fixture(scope="session")
def main_url(new_database: Callable[[str], str]) -> str:
    """Return the owner's URL of a migrated main."""
    return _migrated("main", new_database("main"))


@pytest.fixture(scope="session")
def replica_url(new_database: Callable[[str], str]) -> str:
    """Return the owner's URL of a migrated replica."""
    return _migrated("replica", new_database("replica"))


@pytest.fixture
def main(main_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as connection:
        yield connection
