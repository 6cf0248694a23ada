"""Create the web application."""

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
from flask_endpoint.web.errors import handle_errors
from flask_endpoint.web.pages import consent, docs, health, home, metrics, own, short
from flask_endpoint.web.request_bodies import check_request_bodies
from flask_endpoint.web.request_log import log_requests
from flask_endpoint.web.security import refuse_cross_site, set_up_security

PAGES = (home, own, consent, imports, docs, metrics, short)
API = (listeners, plays, privacy, recently_played, catalog, enrichment, sync, jobs, batches)
VERSION = "1.0"


def create_app(settings: Settings | None = None) -> APIFlask:
    """Create the application with the given settings, or with those in the environment."""
    set_up_logging()
    settings = settings or load_settings(Settings)
    app = APIFlask(
        __name__,
        title="Listening endpoint",
        version=VERSION,
        docs_path=None,
        template_folder="web/templates",
        static_folder="web/static",
    )
    app.config.update(_flask_config(settings))
    url = settings.endpoint_database_url.get_secret_value()
    app.extensions["endpoint"] = Endpoint(settings, open_pool(url), cipher_of(settings), queue_for_web(url))
    refuse_cross_site(app)
    check_request_bodies(app)
    set_up_security(app)
    handle_errors(app)
    log_requests(app)
    app.register_blueprint(health.blueprint)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    for part in API:
        app.register_blueprint(part.blueprint, url_prefix="/v1")
    app.register_blueprint(imports.api, url_prefix="/v1")
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    is_https = settings.spotify_redirect_uri.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "MAX_CONTENT_LENGTH": settings.upload_limit_mib * 1024 * 1024,
        "SESSION_COOKIE_NAME": "listening_endpoint",  # Unique, because services on other ports of this host share cookies.
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https,
        "WTF_CSRF_SSL_STRICT": False,  # It compares the referrer, which our Referrer-Policy suppresses.
        "WTF_CSRF_TIME_LIMIT": None,  # A token is valid as long as its session.
    }
