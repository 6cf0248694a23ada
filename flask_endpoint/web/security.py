"""Protect every request: authenticate the user, check the address, and set the security headers."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from apiflask import APIFlask, HTTPTokenAuth
from flask import Response, current_app, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect
from werkzeug.datastructures import Authorization

from flask_endpoint.context import Endpoint
from flask_endpoint.errors import BadInput, CrossSite
from flask_endpoint.listeners.sessions import valid_since
from flask_endpoint.settings import Settings

P = ParamSpec("P")
OPERATOR = "the operator"  # Not a valid listener id, so it cannot be confused with one.
LOOPBACK = ("127.0.0.1", "::1")
CROSS_SITE_PATHS = ("/", "/callback")  # Other sites may link to the start page, and Spotify redirects to /callback.
FORWARDING_HEADERS = ("forwarded", "x-real-ip", "via")
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; form-action 'self' {accounts}; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

csrf = CSRFProtect()
operator_only = HTTPTokenAuth(description="The operator's key, from the setting OPERATOR_KEY.")


class ListenerOrOperator(HTTPTokenAuth):
    """Authentication by the operator's key, or by the session of the listener whose data is requested."""

    def authenticate(self, auth: Authorization | None, stored_password: str | None) -> str | None:
        """Return the authenticated user, or None. Unlike the base class, accept requests without a key too."""
        key = auth.token if auth else None
        return user_with_key(key) if key else user_without_key()


listener_or_operator = ListenerOrOperator(
    name="ListenerOrOperator",
    description="The operator's key, or the session of the listener whose data is requested. A session that changes something "
    "must send the start page's `csrf_token` in the header X-CSRFToken.",
)


def user_with_key(key: str) -> str | None:
    """Return OPERATOR if the key is the operator's, else None. Comparing takes constant time, to prevent timing attacks."""
    expected = settings().operator_key.get_secret_value()
    return OPERATOR if hmac.compare_digest(key.encode(), expected.encode()) else None


operator_only.verify_token(user_with_key)


def user_without_key() -> str | None:
    """Return the operator, the signed-in listener or None for a request without a key.

    A request that changes something needs a session and its CSRF token, because any web page could send it.
    """
    is_read_only = request.method in ("GET", "HEAD")
    if is_read_only and is_loopback_viewer():
        return OPERATOR
    listener = signed_in_listener()
    if not listener or not _listeners_in_request() <= {listener}:
        return None
    if not is_read_only:
        csrf.protect()
    return listener


def sign_in(listener_id: str) -> None:
    """Start the listener's session in this browser."""
    session.clear()
    session.update(listener_id=listener_id, valid_since=_valid_since(listener_id))


def signed_in_listener() -> str | None:
    """Return the signed-in listener.

    All sessions of a listener end, also copied ones, when the listener signs out in any browser, and when the listener is
    deleted, even if the id is used again.
    """
    listener_id: str | None = session.get("listener_id")
    moment = _valid_since(listener_id) if listener_id else None
    return listener_id if moment and session.get("valid_since") == moment else None


def _valid_since(listener_id: str) -> str | None:
    with endpoint().pool.connection() as connection:
        moment = valid_since(connection, listener_id)
    return moment.isoformat() if moment else None


def requested_listener() -> str | None:
    """Return the listener in the query, or the signed-in listener, or None if the operator names no listener."""
    user = str(listener_or_operator.current_user)
    return request.args.get("listener_id") or (None if user == OPERATOR else user)


def _listeners_in_request() -> set[str]:
    """Return all listeners that the path and the query name. A listener may not use the token or plays of another."""
    named = {str((request.view_args or {}).get("listener_id", "")), *request.args.getlist("listener_id")}
    return named - {""}


def for_viewers(page: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Restrict a page to the loopback viewer and to users who send the operator's key as the password."""

    @wraps(page)
    def restricted(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if is_viewer():
            return page(*args, **kwargs)
        return ask_for_key()

    return restricted


def ask_for_key() -> ResponseReturnValue:
    """Return the answer that lets a browser ask for the operator's key."""
    return "Sign in with the operator's key as the password.", 401, {"WWW-Authenticate": 'Basic realm="operator"'}


def is_viewer() -> bool:
    """Return whether the user may see the pages that show all listeners."""
    sent = request.authorization
    has_key = sent is not None and sent.type == "basic" and user_with_key(sent.password or "") == OPERATOR
    return is_loopback_viewer() or has_key


def is_loopback_viewer() -> bool:
    """Return whether the request comes directly from a browser on this machine, whose user is the operator.

    All of these must be true: the endpoint is published on loopback only; the peer is loopback, except in a container,
    where the peer is the container network's gateway; the Host is loopback, so that another web page cannot reach us with
    its own host name; and the request does not come through a proxy.
    """
    is_in_container = settings().listen_host not in LOOPBACK
    return (
        settings().published_on in LOOPBACK
        and (is_in_container or request.remote_addr in LOOPBACK)
        and _request_host() in LOOPBACK
        and not _is_proxied()
    )


def _is_proxied() -> bool:
    """Return whether a proxy forwarded the request: a forwarding header, HTTP/1.0, or an Origin that is not loopback.

    nginx's default `proxy_pass` adds no header, sets a loopback Host and, before 1.29.7, speaks HTTP/1.0; browsers speak
    1.1. `Origin: null` has no host and proves nothing: our own forms send it, because of our Referrer-Policy.
    """
    has_forwarding_header = any(
        name.lower() in FORWARDING_HEADERS or name.lower().startswith("x-forwarded-") for name, _ in request.headers
    )
    origin = urlsplit(request.headers.get("Origin", "")).hostname
    return (
        has_forwarding_header
        or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
        or (origin is not None and origin not in (*LOOPBACK, "localhost"))
    )


def endpoint() -> Endpoint:
    """Return the settings, connections and queue of the application."""
    found: Endpoint = current_app.extensions["endpoint"]
    return found


def settings() -> Settings:
    return endpoint().settings


def refuse_cross_site(app: APIFlask) -> None:
    """Register the check for requests that another web site caused."""
    app.before_request(_refuse_cross_site)


def set_up_security(app: APIFlask) -> None:
    """Register CSRF protection, address checks and security headers."""
    csrf.init_app(app)
    app.before_request(_reject_nul)
    app.before_request(_redirect_localhost)
    app.after_request(_add_headers)


def _refuse_cross_site() -> None:
    """Raise CrossSite if another web site caused a browser to send the request, which may spend Spotify's quota or change data.

    Browsers say so in the header Sec-Fetch-Site; other clients do not send it.
    """
    is_cross_site = request.headers.get("Sec-Fetch-Site", "").strip().lower() == "cross-site"
    if is_cross_site and not (request.method in ("GET", "HEAD") and request.path in CROSS_SITE_PATHS):
        raise CrossSite("Another web site sent you here. Open the start page, or enter this address yourself.")


def _reject_nul() -> None:
    """Raise BadInput for NUL in the path or query, which PostgreSQL cannot store. The routes check bodies."""
    parameters = (request.path, *(part for pair in request.args.items(multi=True) for part in pair))
    if any("\0" in part for part in parameters):
        raise BadInput("The address contains a NUL character (%00). Remove it.")


def _redirect_localhost() -> ResponseReturnValue | None:
    """Redirect `localhost` to 127.0.0.1. Spotify refuses `localhost` as a redirect URI, and a session cookie is bound to its host."""
    if _request_host() != "localhost" or request.method not in ("GET", "HEAD"):
        return None
    return redirect(request.url.replace("//localhost", "//127.0.0.1", 1), code=302)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value.replace("{accounts}", _accounts_origin()))
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    return response


def _accounts_origin() -> str:
    parts = urlsplit(settings().consent_url)
    return f"{parts.scheme}://{parts.netloc}"


def _request_host() -> str:
    return urlsplit(f"//{request.host}").hostname or ""
