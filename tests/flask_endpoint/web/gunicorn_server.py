"""A fixture that serves the endpoint with gunicorn, as in production."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.flask_endpoint.web_stack import ROOT, MakeSettings

BACKLOG = 256  # connections
TIMEOUT = 240  # seconds until a test fails because the server did not answer


@dataclass(frozen=True)
class Server:
    """A running server. Its socket accepts connections before its processes have started."""

    port: int

    def connection(self, sent: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        connection.sendall(sent)
        return connection

    def answer(self, sent: bytes) -> tuple[bytes, bytes]:
        """Return the head and the body of the answer to a request that asks to close the connection."""
        with self.connection(sent) as connection:
            received = b""
            while part := connection.recv(65536):
                received += part
        head, _, body = received.partition(b"\r\n\r\n")
        return head, body


@pytest.fixture
def server(settings: MakeSettings, tmp_path: Path) -> Iterator[Server]:
    """Yield a running gunicorn with the endpoint's configuration and two processes."""
    values = settings("http://127.0.0.1:1")
    environment = {
        **os.environ,
        "ENDPOINT_DATABASE_URL": values.endpoint_database_url.get_secret_value(),
        "SECRET_KEY": "secret",
        "TOKEN_KEY": values.token_key.get_secret_value(),
        "OPERATOR_KEY": values.operator_key.get_secret_value(),
        "SPOTIFY_CLIENT_ID": "our-app",
        "UPLOAD_DIR": str(tmp_path / "uploads"),
    }
    with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listening:
        command = [
            *(sys.executable, "-m", "gunicorn", "--config", "flask_endpoint/gunicorn.conf.py"),
            *("--bind", f"fd://{listening.fileno()}", "flask_endpoint.wsgi:app"),
        ]
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, pass_fds=[listening.fileno()]
            )
        port = listening.getsockname()[1]
    try:
        yield Server(port)
    finally:
        process.kill() if process.poll() is not None else process.terminate()
        process.wait(TIMEOUT)
        print((tmp_path / "log").read_text())
