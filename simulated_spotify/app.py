"""The simulated Spotify over HTTP: `gunicorn 'simulated_spotify.app:create_app()'`.

Faults are set at `/faults` (see `control.faults`).
"""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask, Response

from common.settings import load_settings
from simulated_spotify.accounts.routes import accounts
from simulated_spotify.accounts.tokens import TokenMaker
from simulated_spotify.clock import ClockError
from simulated_spotify.control.pages import pages
from simulated_spotify.control.routes import operator
from simulated_spotify.music.catalog import catalog_of
from simulated_spotify.server import EXTENSION, Server
from simulated_spotify.settings import Settings
from simulated_spotify.web_api.routes import api
from simulated_spotify.web_api.shapes import Shapes


def real_time() -> datetime:
    return datetime.now(UTC)


def create_app(settings: Settings | None = None, now: Callable[[], datetime] = real_time) -> Flask:
    """Return the Flask app. Tokens expire by `now`; the plays depend only on the clock file."""
    settings = settings or load_settings(Settings)
    settings.setting()  # raises ClockError at the start if the clock file is unusable
    catalog = catalog_of(settings.seed)
    app = Flask(__name__)
    app.url_map.strict_slashes = False  # Spotify accepts /v1/me/ as /v1/me
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Spotify's key order is part of the shape
    tokens = TokenMaker(settings.seed)
    app.extensions[EXTENSION] = Server(settings, catalog, Shapes(catalog, settings.base_url), tokens, now)
    app.register_blueprint(pages)
    app.register_blueprint(operator)
    app.register_blueprint(accounts)
    app.register_blueprint(api)
    app.register_error_handler(ClockError, _clock_error)
    app.after_request(_add_simulated_header)
    return app


def _add_simulated_header(response: Response) -> Response:
    response.headers["X-Simulated"] = "true"
    return response


def _clock_error(error: ClockError) -> tuple[dict[str, object], int]:
    return {"error": {"status": 503, "message": str(error)}}, 503
