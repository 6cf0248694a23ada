"""Fixtures for tests of the web application and its jobs: a migrated database per test, and the simulated Spotify."""

import atexit
import os
import re
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import psycopg
import pytest
import requests
from apiflask import APIFlask
from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from flask_endpoint.app import create_app
from flask_endpoint.context import Endpoint
from flask_endpoint.listeners.sessions import valid_since
from flask_endpoint.settings import Settings
from simulated_spotify.app import create_app as create_spotify
from simulated_spotify.settings import Settings as SpotifySettings
from tests.flask_endpoint.faulty_spotify import FaultySpotify, faulty_spotify

ROOT = Path(__file__).parents[2]
OPERATOR = {"Authorization": "Bearer the-operators-key"}
SIMULATED_NOW = "2026-11-20T12:00:00Z"

MakeSettings = Callable[..., Settings]
MakeApp = Callable[..., APIFlask]


def _admin() -> psycopg.Connection:
    url = os.environ.get("TEST_POSTGRES_URL")
    if not url:
        pytest.fail("TEST_POSTGRES_URL is not set. Set it to a PostgreSQL superuser's URL.")
    return psycopg.connect(url, autocommit=True, connect_timeout=10)


def _url_of(database: str, role: str | None = None) -> str:
    server = urlsplit(os.environ["TEST_POSTGRES_URL"])
    login = f"{role}:{role}@" if role else server.netloc.rpartition("@")[0] + "@"
    return server._replace(path=f"/{database}", netloc=login + server.netloc.rpartition("@")[2]).geturl()


@cache
def _source_template() -> tuple[str, str]:
    """Create a migrated template database and a login that has only the rights of `endpoint`, so that missing grants fail tests.

    Return both names. Both are created once per process and dropped when it ends.
    """
    template, role = f"web_template_{uuid.uuid4().hex[:8]}", f"web_{uuid.uuid4().hex[:8]}"
    with _admin() as admin:
        admin.execute(f"CREATE DATABASE {template}")
        atexit.register(_drop, template, role)
        python = os.environ.get("MIGRATE_PYTHON", str(ROOT / ".local/env/cdc/bin/python"))
        command = [python, "-m", "sql.migrate", "source", "--url", _url_of(template)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
        if done.returncode:
            pytest.fail(f"The source database could not be migrated: {done.stdout}{done.stderr}")
        admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{role}' IN ROLE endpoint")
    return template, role


def _drop(template: str, role: str) -> None:
    with _admin() as admin:
        admin.execute(f"DROP DATABASE {template} WITH (FORCE)")
        admin.execute(f"DROP ROLE IF EXISTS {role}")


@pytest.fixture
def source_url() -> Iterator[str]:
    """Create a source database for one test. Yield its URL with the superuser's login."""
    name = f"web_{uuid.uuid4().hex[:12]}"
    with _admin() as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {_source_template()[0]}")
        yield _url_of(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def source(source_url: str) -> Iterator[psycopg.Connection]:
    """Yield a superuser's connection to the test's source database."""
    with psycopg.connect(source_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def simulated_spotify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the simulated Spotify on loopback. Yield its URL."""
    clock = tmp_path_factory.mktemp("spotify") / "clock"
    clock.write_text(SIMULATED_NOW)
    server = make_server("127.0.0.1", 0, lambda environ, start: served(environ, start), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    served = create_spotify(
        SpotifySettings(clock_file=clock, public_url=url, seed="simulated", client_id="", client_secret="")
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield url
    server.shutdown()
    thread.join()


@pytest.fixture
def faults() -> Iterator[FaultySpotify]:
    """Yield a Spotify whose answers the test defines."""
    with faulty_spotify() as served:
        yield served


@pytest.fixture
def settings(source_url: str, tmp_path: Path) -> MakeSettings:
    """Return a function that creates settings for a Spotify at `spotify_url`. Keyword arguments override settings."""

    def make(spotify_url: str, **others: Any) -> Settings:
        values: dict[str, Any] = {
            "endpoint_database_url": _url_of(urlsplit(source_url).path[1:], role=_source_template()[1]),
            "secret_key": "secret",
            "token_key": Fernet.generate_key().decode(),
            "operator_key": "the-operators-key",
            "spotify_client_id": "our-app",
            "spotify_client_secret": "our-secret",
            "spotify_redirect_uri": "http://127.0.0.1:8000/callback",
            "spotify_api_url": spotify_url,
            "spotify_accounts_url": spotify_url,
            "spotify_is_simulated": True,
            "upload_dir": tmp_path / "uploads",
            "gate_command": """sh -c 'echo "{\\"passed\\": [1], \\"refused\\": []}"'""",
            "listen_host": "127.0.0.1",
            "bind_host": None,
        }
        return Settings(**{**values, **others})

    return make


@pytest.fixture
def make_app(settings: MakeSettings) -> Iterator[MakeApp]:
    """Yield a function that creates applications. Their connections are closed after the test."""
    made: list[APIFlask] = []

    def make(spotify_url: str, **others: object) -> APIFlask:
        made.append(create_app(settings(spotify_url, **others)))
        return made[-1]

    yield make
    for app in made:
        endpoint_of(app).close()


@pytest.fixture
def endpoint_settings(make_app: MakeApp, faults: FaultySpotify) -> Settings:
    """Return the settings of an application whose Spotify's answers the test defines."""
    return endpoint_of(make_app(faults.url)).settings


@pytest.fixture
def app(make_app: MakeApp, simulated_spotify: str) -> APIFlask:
    """Return an application that uses the simulated Spotify."""
    return make_app(simulated_spotify)


@pytest.fixture
def client(app: APIFlask) -> "Browser":
    return client_of(app)


class Browser(FlaskClient):
    """A browser on this machine. `address` is the origin in its address bar."""

    address = "http://127.0.0.1:8000"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", self.address)
        return super().open(*args, **kwargs)


def client_of(app: APIFlask) -> Browser:
    app.test_client_class = Browser
    client = app.test_client()
    assert isinstance(client, Browser)
    return client


def endpoint_of(app: APIFlask) -> Endpoint:
    found: Endpoint = app.extensions["endpoint"]
    return found


def consent(client: FlaskClient, account: str = "ana", **login: str) -> str:
    """Follow /login to the simulated consent page and agree as `account`. Return the callback URL."""
    sent = client.get("/login", query_string={"listener_id": account, **login})
    assert sent.status_code == 302, sent.get_data(as_text=True)
    query = dict(parse_qsl(urlsplit(sent.location).query))
    page = urlsplit(sent.location)._replace(query="").geturl()
    agreed = requests.post(page, data={**query, "account": account}, allow_redirects=False, timeout=10)
    assert agreed.status_code == 302, agreed.text
    return agreed.headers["Location"]


def connect(client: FlaskClient, account: str = "ana", **login: str) -> None:
    """Connect a listener through the complete OAuth flow."""
    back = urlsplit(consent(client, account, **login))
    done = client.get(f"{back.path}?{back.query}")
    assert done.status_code == 302, done.get_data(as_text=True)


def sign_in(app: APIFlask, browser: Browser, listener_id: str) -> None:
    """Create the session in the browser that a listener's consent creates."""
    with endpoint_of(app).pool.connection() as connection:
        moment = valid_since(connection, listener_id)
    assert moment is not None, f"there is no listener {listener_id}"
    with browser.session_transaction(base_url=browser.address) as session:
        session.update(listener_id=listener_id, valid_since=moment.isoformat())


def as_listener(app: APIFlask, listener_id: str) -> Browser:
    """Return a browser that is not on loopback and has a session of the listener."""
    browser = client_of(app)
    browser.address = "http://listening.example"
    sign_in(app, browser, listener_id)
    return browser


def csrf_token(browser: FlaskClient) -> str:
    """Return the CSRF token of the forms on the start page."""
    [token, *_] = re.findall(r'name="csrf_token" value="([^"]+)"', browser.get("/").get_data(as_text=True))
    return str(token)
