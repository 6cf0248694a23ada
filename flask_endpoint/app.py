"""The web application: a table of contents."""

from apiflask import APIFlask

from common.settings import load_settings
from flask_endpoint.context import Endpoint
from flask_endpoint.database import open_pool
from flask_endpoint.jobs.queue import queue_for_web
from flask_endpoint.log_setup import set_up_logging
from flask_endpoint.settings import Settings
from flask_endpoint.spotify.token_store import cipher_of
from flask_endpoint.web.api import (
    batches,
    catalog,
    enrichment,
    imports,
    jobs,
    listeners,
    plays,
    privacy,
    recently_played,
    sync,
)
from flask_endpoint.web.errors import answer_errors
from flask_endpoint.web.pages import consent, docs, health, home, metrics, own, short
from flask_endpoint.web.request_log import log_requests
from flask_endpoint.web.security import guard

PAGES = (home, own, consent, imports, docs, metrics, short)
API = (listeners, plays, privacy, recently_played, catalog, enrichment, sync, jobs, batches)
VERSION = "1.0"


def create_app(given: Settings | None = None) -> APIFlask:
    """Make the application with these settings, by default the environment's."""
    set_up_logging()
    chosen = given or load_settings(Settings)
    app = APIFlask(
        __name__,
        title="Listening endpoint",
        version=VERSION,
        docs_path=None,
        template_folder="web/templates",
        static_folder="web/static",
    )
    app.config.update(_flask_config(chosen))
    url = chosen.endpoint_database_url.get_secret_value()
    app.extensions["endpoint"] = Endpoint(chosen, open_pool(url), cipher_of(chosen), queue_for_web(url))
    guard(app)
    answer_errors(app)
    log_requests(app)
    app.register_blueprint(health.blueprint)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    for part in API:
        app.register_blueprint(part.blueprint, url_prefix="/v1")
    app.register_blueprint(imports.api, url_prefix="/v1")
    return app


def _flask_config(chosen: Settings) -> dict[str, object]:
    is_https = chosen.spotify_redirect_uri.startswith("https:")
    return {
        "SECRET_KEY": chosen.secret_key.get_secret_value(),
        "MAX_CONTENT_LENGTH": chosen.upload_limit_mib * 1024 * 1024,
        "SESSION_COOKIE_NAME": "listening_endpoint",  # Cookies ignore ports: other services of this host have theirs.
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "WTF_CSRF_SSL_STRICT": False,  # Our Referrer-Policy sends no referrer to compare.
        "WTF_CSRF_TIME_LIMIT": None,  # As long as the session.
    }
