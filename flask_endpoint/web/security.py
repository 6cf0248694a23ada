"""What guards every request: who may ask, which host was asked, and what the browser may do with the answer."""

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
from flask_endpoint.errors import BadInput
from flask_endpoint.settings import Settings

P = ParamSpec("P")
OPERATOR = "the operator"  # No listener can have this name.
LOOPBACK = ("127.0.0.1", "::1")
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
    """Lets in who gives the operator's key, and the listener whose data it is."""

    def authenticate(self, auth: Authorization | None, stored_password: str | None) -> str | None:
        """Called for requests without a key too, where its base would refuse at once."""
        key = auth.token if auth else None
        return is_operator(key) if key else reader()


listener_or_operator = ListenerOrOperator(
    name="ListenerOrOperator",
    description="The operator's key, or the session of the listener whose data it is; to change something, with the start page's "
    "`csrf_token` as the header X-CSRFToken.",
)


def is_operator(key: str) -> str | None:
    """Compare in constant time, so that the answer's delay says nothing about the key."""
    expected = settings().operator_key.get_secret_value()
    return OPERATOR if hmac.compare_digest(key.encode(), expected.encode()) else None


operator_only.verify_token(is_operator)


def reader() -> str | None:
    """Who may do what is asked for without a key. To change something their page must have sent it: any other could have."""
    is_reading = request.method in ("GET", "HEAD")
    if is_reading and is_loopback_viewer():
        return OPERATOR
    listener = signed_in()
    if not listener or not _listeners_asked_for() <= {listener}:
        return None
    if not is_reading:
        csrf.protect()
    return listener


def sign_in(listener_id: str) -> None:
    """Start the listener's session in this browser."""
    session.clear()
    session.update(listener_id=listener_id, made_at=_made_at(listener_id))


def signed_in() -> str | None:
    """Return the signed-in listener. A session ends when its listener is deleted, even if the id is used again."""
    listener_id: str | None = session.get("listener_id")
    made_at = _made_at(listener_id) if listener_id else None
    return listener_id if made_at and session.get("made_at") == made_at else None


def _made_at(listener_id: str) -> str | None:
    with endpoint().pool.connection() as connection:
        found = connection.execute(
            "SELECT created_at FROM raw.listener WHERE listener_id = %s", (listener_id,)
        ).fetchone()
    return found[0].isoformat() if found else None


def named_listener() -> str | None:
    """The listener in the query, else who is signed in; None where the operator names nobody."""
    who = str(listener_or_operator.current_user)
    return request.args.get("listener_id") or (None if who == OPERATOR else who)


def _listeners_asked_for() -> set[str]:
    """Whoever the address or the query names: one listener's token and plays are never another's to use."""
    named = {str((request.view_args or {}).get("listener_id", "")), *request.args.getlist("listener_id")}
    return named - {""}


def for_viewers(page: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Show the page to the loopback viewer, elsewhere to who gives the operator's key as the password."""

    @wraps(page)
    def shown(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if is_viewer():
            return page(*args, **kwargs)
        return "Sign in with the operator's key as the password.", 401, {"WWW-Authenticate": 'Basic realm="operator"'}

    return shown


def is_viewer() -> bool:
    """Whether who asks may see the pages about everybody."""
    given = request.authorization
    is_operators = given is not None and given.type == "basic" and is_operator(given.password or "") is not None
    return is_loopback_viewer() or is_operators


def is_loopback_viewer() -> bool:
    """Return whether the request comes directly from a browser on this machine, whose user is the operator.

    All of these must be true: the endpoint is published on loopback only; the peer is loopback, except in a container,
    where the peer is the container network's gateway; the Host is loopback, so that no web page reaches us under its own
    name; and the request shows no sign of a proxy.
    """
    is_in_container = settings().listen_host not in LOOPBACK
    return (
        settings().published_on in LOOPBACK
        and (is_in_container or request.remote_addr in LOOPBACK)
        and _asked_host() in LOOPBACK
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


def guard(app: APIFlask) -> None:
    """Set up everything in this module for `app`."""
    csrf.init_app(app)
    app.before_request(_refuse_nul)
    app.before_request(_leave_localhost)
    app.after_request(_add_headers)


def _refuse_nul() -> None:
    """No name and no id holds one, and PostgreSQL takes it in no text. Bodies are checked where they are read."""
    parameters = (request.path, *(part for pair in request.args.items(multi=True) for part in pair))
    if any("\0" in part for part in parameters):
        raise BadInput("The address holds a NUL character (%00): leave it out.")


def _leave_localhost() -> ResponseReturnValue | None:
    """Spotify refuses `localhost` as a redirect URI, and a session is bound to its host: use the address from the start."""
    if _asked_host() != "localhost" or request.method not in ("GET", "HEAD"):
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


def _asked_host() -> str:
    return urlsplit(f"//{request.host}").hostname or ""
