"""Fixtures: an isolated Airflow, source and main databases on a real PostgreSQL, and a stand-in for the endpoint.

Airflow reads its settings when it is imported, so they are set here, before any test imports it.
"""

import json
import os
import shutil
import socketserver
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

ROOT = Path(__file__).parents[2]
DAGS = ROOT / "dags"
HOME = Path(tempfile.mkdtemp(prefix="airflow_test_"))
KEY = "operator-key-of-the-tests"

Rows = list[tuple[Any, ...]]
Execute = Callable[[str, str], Rows]
Run = Callable[..., tuple[str, dict[str, str], str]]

for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
    del os.environ[name]
os.environ.update(
    AIRFLOW_HOME=str(HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME}/airflow.db",
    AIRFLOW__LOGGING__BASE_LOG_FOLDER=str(HOME / "logs"),
)
sys.path.insert(0, str(DAGS))  # Airflow does the same.


def pytest_unconfigure() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def dag_bag() -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(DAGS)


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Create Airflow's own tables, to which runs are written."""
    command = [str(Path(sys.executable).with_name("airflow")), "db", "migrate"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


class Endpoint:
    """A stand-in for the endpoint: returns configured answers and records the calls."""

    def __init__(self) -> None:
        self.result: dict[str, Any] = {"batches": [], "failures": []}
        self.status = "succeeded"
        self.refusals: dict[str, tuple[int, str]] = {}  # call -> status and message
        self.unavailable = 0  # number of initial answers with 503
        self.calls: list[str] = []
        self.notices: list[dict[str, Any]] = []
        self.url = ""

    def answer(self, call: str, key: str | None) -> tuple[int, dict[str, Any]]:
        if key != f"Bearer {KEY}":
            return 401, {"error": {"code": "not_signed_in", "message": "Sign in first.", "detail": None}}
        if self.unavailable:
            self.unavailable -= 1
            return 503, {}
        self.calls.append(call)
        if call in self.refusals:
            status, message = self.refusals[call]
            return status, {"error": {"code": "refused", "message": message, "detail": None}}
        if call == "POST /v1/sync":
            return 202, {"job_id": 5}
        if call.startswith("GET /v1/jobs/"):
            return 200, {"job_id": 5, "status": self.status, "result": self.result}
        return 200, {"rows_read": 1, "rows_added": 1, "rows_matched": 0, "rows_repeated": 0, "rows_rejected": 0}


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """Serve the stand-in for the endpoint and a webhook on a free port, and set the settings for both."""
    stand_in = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer: dict[str, Any] = {}
            if self.path == "/notices":
                stand_in.notices.append(json.loads(body))
                status = 200
            else:
                status, answer = stand_in.answer(f"{self.command} {self.path}", self.headers.get("Authorization"))
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("FLASK_URL", stand_in.url)
    monkeypatch.setenv("OPERATOR_KEY", KEY)
    monkeypatch.setenv("NOTIFY_URL", f"{stand_in.url}/notices")
    yield stand_in
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Message]]:
    """Return the list of messages that a mail server on a free port receives, and set the settings for it."""
    received: list[Message] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            for line in self.rfile:
                command = line.split()[0].upper()
                if command == b"DATA":
                    self._say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n"))
                    received.append(message_from_bytes(text))
                self._say("250 done")

        def _say(self, answer: str) -> None:
            self.wfile.write(f"{answer}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"smtp://127.0.0.1:{server.server_address[1]}?disable_ssl=true&disable_tls=true"
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", url)
        monkeypatch.setenv("NOTIFY_EMAIL", "ana@example.org")
        yield received
        server.shutdown()


def _execute(url: str, statement: str) -> Rows:
    connection = psycopg2.connect(url, connect_timeout=10, options="-c lock_timeout=20s")
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture(scope="session")
def databases() -> Iterator[dict[str, str]]:
    """Create and migrate databases for the tests. Return their owners' URLs by name."""
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.fail(
            "Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL: these tests create and drop databases there."
        )
    python = os.environ.get("MIGRATE_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
    urls = {}
    try:
        for kind in ("source", "main"):
            name = f"dags_test_{kind}_{uuid.uuid4().hex[:8]}"
            _execute(server, f"CREATE DATABASE {name}")
            urls[kind] = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
            command = [python, "-m", "sql.migrate", kind, "--url", urls[kind]]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
        yield urls
    finally:
        for url in urls.values():
            _execute(server, f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")


@pytest.fixture
def stack(databases: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Set the scheduler's settings for the commands of tasks. Return a function that runs a statement in a database."""
    for component in ("soda", "spark", "cdc"):
        python = os.environ.get(f"{component.upper()}_PYTHON", str(ROOT / f".local/env/{component}/bin/python"))
        monkeypatch.setenv(f"{component.upper()}_PYTHON", python)
    monkeypatch.setenv("PROJECT_DIR", str(ROOT))
    for setting, kind in [
        ("GATE_SOURCE_DATABASE_URL", "source"),
        ("GATE_MAIN_DATABASE_URL", "main"),
        ("SOURCE_DATABASE_URL", "source"),
        ("ETL_DATABASE_URL", "main"),
    ]:
        monkeypatch.setenv(setting, databases[kind])
    _execute(databases["source"], (ROOT / "tests/soda/good_batch.sql").read_text())
    return lambda kind, statement: _execute(databases[kind], statement)


@pytest.fixture
def run(dag_bag: Any) -> Run:
    def run_dag(dag_id: str, **conf: Any) -> tuple[str, dict[str, str], str]:
        """Run the DAG. Return the run's state, its tasks' states and its run id."""
        result = dag_bag.dags[dag_id].test(run_conf=conf)
        tasks = result.get_task_instances()
        return str(result.state), {task.task_id: str(task.state) for task in tasks}, result.run_id

    return run_dag


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a program. It prints a text, whatever its arguments are, and exits with a code."""

    def write(name: str, output: str, exit_code: int = 0) -> str:
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{output}\nEND\nexit {exit_code}\n")
        program.chmod(0o755)
        return str(program)

    return write
