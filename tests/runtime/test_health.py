"""The health check over HTTP, in plain bash."""

import base64
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

HEALTH = Path(__file__).parents[2] / "docker/bin/health"
LOGIN = "cdc:" + "0123456789abcdef" * 8  # long enough for base64 to wrap its output


@pytest.fixture
def port() -> Iterator[int]:
    """Serve `ready` to clients that log in, and 401 to the others."""
    expected = "Basic " + base64.b64encode(LOGIN.encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.headers.get("Authorization") == expected else 401)
            self.end_headers()
            self.wfile.write(b"ready")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("login", "text", "code"),
    [(LOGIN, "ready", 0), (LOGIN, "steady", 1), ("cdc:guessed", "ready", 1), ("", "ready", 1)],
)
def test_health_check_sends_the_login_of_its_service(port: int, login: str, text: str, code: int) -> None:
    environment = {"PATH": os.environ["PATH"], "HEALTH_LOGIN": login}
    done = subprocess.run([HEALTH, "http", str(port), "/connectors", text], env=environment, timeout=30)
    assert done.returncode == code
