"""Fixtures: simulated data at a fixed time, a test client, and a server on a free port."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from simulated_spotify.app import create_app
from simulated_spotify.listening.history import Setting
from simulated_spotify.settings import Settings
from tests.simulated_spotify.simulated_app import NOW, WallClock, approved


@pytest.fixture
def wall_clock() -> WallClock:
    return WallClock()


@pytest.fixture(scope="session")
def setting() -> Setting:
    return Setting("simulated", NOW)


@pytest.fixture(scope="session")
def clock_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clock") / "now"
    path.write_text("2026-11-25T09:00:00Z\n")
    return path


@pytest.fixture
def client(clock_file: Path, wall_clock: WallClock) -> FlaskClient:
    return create_app(
        Settings(clock_file=clock_file, client_id="app", client_secret="secret"), wall_clock
    ).test_client()


@pytest.fixture
def token(client: FlaskClient) -> str:
    return approved(client)["access_token"]


@pytest.fixture(scope="session")
def served(clock_file: Path) -> Iterator[str]:
    """Start a server for the test session, and return its base URL."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        app = create_app(Settings(clock_file=clock_file, port=port))
        server = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}"
        server.shutdown()
        thread.join(timeout=10)
