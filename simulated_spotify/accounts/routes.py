"""The accounts service: the consent page and the token endpoint."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from simulated_spotify.accounts.grants import OauthError, redeem, refresh
from simulated_spotify.accounts.tokens import CODE_LIFETIME, Grant
from simulated_spotify.control.faults import response_of
from simulated_spotify.listening.listeners import LISTENERS
from simulated_spotify.server import server

LOOPBACKS = ("127.0.0.1", "::1")
accounts = Blueprint("accounts", __name__)


@accounts.get("/authorize")
def consent() -> Response:
    """Show the page that asks which listener's plays the app may read."""
    problem = _invalid_request()
    if problem:
        return make_response(problem, 400)
    query = request.args
    if query.get("response_type") != "code":
        return _redirect_to_app(error="unsupported_response_type")
    if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
        return _redirect_to_app(error="invalid_request")
    return make_response(render_template("consent.html", listeners=LISTENERS.values(), query=query))


@accounts.post("/authorize")
def decide() -> Response:
    """Send the browser back to the app with a code for the listener in the form field `account`.

    An empty `account` means that the person declined.
    """
    problem = _invalid_request()
    if problem:
        return make_response(problem, 400)
    account, parameters, moment = request.form.get("account", ""), request.values, server().now()
    if not account:
        return _redirect_to_app(error="access_denied")
    if account not in LISTENERS:
        return make_response(
            f"Simulated listener {account!r} does not exist. Choose one of {', '.join(LISTENERS)}.", 400
        )
    grant = Grant(
        account=account,
        client_id=parameters["client_id"],
        scope=parameters.get("scope", ""),
        consented_at=moment.timestamp(),
        redirect_uri=parameters["redirect_uri"],
        code_challenge=parameters.get("code_challenge", ""),
    )
    return _redirect_to_app(code=server().tokens.issue("authorization code", grant, moment, CODE_LIFETIME))


@accounts.post("/api/token")
def token() -> Response:
    """Exchange an authorization code or a refresh token for an access token."""
    exchanges = {"authorization_code": redeem, "refresh_token": refresh}
    exchange = exchanges.get(request.form.get("grant_type", ""))
    if exchange is None:
        raise OauthError("unsupported_grant_type", f"grant_type must be one of {', '.join(exchanges)}")
    account = server().tokens.account_of("refresh token", request.form.get("refresh_token", ""))
    fault = server().faults.take("token", account)
    if fault and (response := response_of(fault)) is not None:
        return response
    response = jsonify(exchange(server(), request))
    response.headers["Cache-Control"] = "no-store"
    return response


@accounts.errorhandler(OauthError)
def oauth_error(error: OauthError) -> tuple[Response, int]:
    """Return the error in the shape of OAuth 2."""
    return jsonify(error=error.code, error_description=error.description), 400


def _invalid_request() -> str | None:
    """Return Spotify's plain-text message if the client or the redirect URI is invalid, else None.

    Such an error is not sent to the redirect URI, because that URI cannot be trusted.
    """
    known = server().settings.client_id
    client_id, uri = request.values.get("client_id", ""), urlsplit(request.values.get("redirect_uri", ""))
    if not client_id or (known and client_id != known):
        return "INVALID_CLIENT: Invalid client"
    if not uri.hostname:
        return "INVALID_CLIENT: Invalid redirect URI"
    if uri.scheme != "https" and (uri.scheme != "http" or uri.hostname not in LOOPBACKS):
        return "INVALID_CLIENT: Insecure redirect URI"
    return None


def _redirect_to_app(**answer: str) -> Response:
    """Redirect the browser to the app's redirect URI, with the state that the app sent."""
    uri, state = request.values["redirect_uri"], request.values.get("state")
    query = urlencode({**answer, **({"state": state} if state is not None else {})})
    return make_response(redirect(f"{uri}{'&' if urlsplit(uri).query else '?'}{query}"))
