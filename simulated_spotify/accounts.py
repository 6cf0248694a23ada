"""The accounts service: the consent page, and the token endpoint over `grants`."""

from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request

from simulated_spotify.faults import answer_of
from simulated_spotify.grants import OauthError, redeem, refresh
from simulated_spotify.listeners import LISTENERS
from simulated_spotify.server import server
from simulated_spotify.tokens import CODE_LASTS, Grant

LOOPBACKS = ("127.0.0.1", "::1")
accounts = Blueprint("accounts", __name__)


@accounts.get("/authorize")
def consent() -> Response:
    """Asks whose plays the app may read."""
    problem = _problem()
    if problem:
        return make_response(problem, 400)
    asked = request.args
    if asked.get("response_type") != "code":
        return _back(error="unsupported_response_type")
    if asked.get("code_challenge") and asked.get("code_challenge_method") != "S256":
        return _back(error="invalid_request")
    return make_response(render_template("consent.html", listeners=LISTENERS.values(), asked=asked))


@accounts.post("/authorize")
def decide() -> Response:
    """Sends the browser back with a code for the listener in the form field `account`; empty means no."""
    problem = _problem()
    if problem:
        return make_response(problem, 400)
    account, asked, moment = request.form.get("account", ""), request.values, server().now()
    if not account:
        return _back(error="access_denied")
    if account not in LISTENERS:
        return make_response(f"There is no simulated listener {account!r}: choose one of {', '.join(LISTENERS)}.", 400)
    grant = Grant(
        account=account,
        client_id=asked["client_id"],
        scope=asked.get("scope", ""),
        consented_at=moment.timestamp(),
        redirect_uri=asked["redirect_uri"],
        code_challenge=asked.get("code_challenge", ""),
    )
    return _back(code=server().tokens.issue("authorization code", grant, moment, CODE_LASTS))


@accounts.post("/api/token")
def token() -> Response:
    """A code or a refresh token for an access token."""
    kinds = {"authorization_code": redeem, "refresh_token": refresh}
    exchange = kinds.get(request.form.get("grant_type", ""))
    if exchange is None:
        raise OauthError("unsupported_grant_type", f"grant_type must be one of {', '.join(kinds)}")
    account = server().tokens.account_of("refresh token", request.form.get("refresh_token", ""))
    fault = server().faults.take("token", account)
    if fault and (answer := answer_of(fault)) is not None:
        return answer
    response = jsonify(exchange(server(), request))
    response.headers["Cache-Control"] = "no-store"
    return response


@accounts.errorhandler(OauthError)
def refuse(error: OauthError) -> tuple[Response, int]:
    return jsonify(error=error.code, error_description=error.description), 400


def _problem() -> str | None:
    """What is wrong with the request, in Spotify's plain text: such an error is not sent to the redirect URI."""
    known = server().settings.client_id
    client_id, uri = request.values.get("client_id", ""), urlsplit(request.values.get("redirect_uri", ""))
    if not client_id or (known and client_id != known):
        return "INVALID_CLIENT: Invalid client"
    if not uri.hostname:
        return "INVALID_CLIENT: Invalid redirect URI"
    if uri.scheme != "https" and (uri.scheme != "http" or uri.hostname not in LOOPBACKS):
        return "INVALID_CLIENT: Insecure redirect URI"
    return None


def _back(**answer: str) -> Response:
    """To the app's redirect URI, with the state it gave."""
    uri, state = request.values["redirect_uri"], request.values.get("state")
    query = urlencode({**answer, **({"state": state} if state is not None else {})})
    return make_response(redirect(f"{uri}{'&' if urlsplit(uri).query else '?'}{query}"))
