"""Connect a listener to Spotify with OAuth and PKCE, and sign them out."""

import secrets
from datetime import UTC, datetime

import psycopg
from apiflask import APIBlueprint
from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from flask_endpoint.errors import BadInput, NeedsReconnect
from flask_endpoint.listeners.consent import Login, check_simulated, link_account, save_login, take_login
from flask_endpoint.listeners.listeners import Listener, check_listener_id, check_time_zone, ensure_listener
from flask_endpoint.listeners.sessions import end_sessions
from flask_endpoint.spotify.oauth import SCOPES, Token, account_of, begin_consent, finish_consent
from flask_endpoint.spotify.token_store import connect_listener
from flask_endpoint.web.security import endpoint, for_viewers, settings, sign_in, signed_in_listener

LONGEST_PARAMETER = 200  # characters
LONGEST_ERROR = 80  # characters

blueprint = APIBlueprint("consent", __name__, enable_openapi=False)


@blueprint.get("/login")
@for_viewers
def login() -> ResponseReturnValue:
    """Store the login and redirect to Spotify."""
    listener_id, time_zone = _parameter("listener_id") or "", _parameter("time_zone")
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    state = secrets.token_urlsafe(32)
    authorize_url, verifier = begin_consent(settings(), state)
    encrypted_verifier = endpoint().cipher.encrypt(verifier.encode())
    with endpoint().pool.connection() as connection:
        check_simulated(connection, listener_id, settings().spotify_is_simulated)
        save_login(connection, state, Login(listener_id, _parameter("display_name"), time_zone, encrypted_verifier))
    session["state"] = state
    return redirect(authorize_url)


@blueprint.get("/callback")
def callback() -> ResponseReturnValue:
    """Exchange the code from Spotify for tokens, store them, and sign the listener in."""
    login = _take_login(request.args.get("state", ""))
    if error := request.args.get("error"):
        reason = "you declined" if error == "access_denied" else error[:LONGEST_ERROR]
        flash(f"Spotify was not connected: {reason}.", "bad")
        return redirect(url_for("home.home"))
    verifier = endpoint().cipher.decrypt(login.code_verifier).decode()
    token = finish_consent(settings(), request.args.get("code", ""), verifier)
    if not set(SCOPES) <= set((token.get("scope") or "").split()):
        raise NeedsReconnect("Spotify did not grant access to the latest plays. Connect again and agree to it.")
    account_id = account_of(settings(), token["access_token"])
    with endpoint().pool.connection() as connection:
        listener = _connect(connection, login, account_id, token)
    sign_in(listener.listener_id)
    assumed = ", because none was given" if listener.is_zone_assumed else ""
    flash(
        f"{listener.display_name} is connected. The next sync fetches their latest plays. "
        f"The time zone is {listener.time_zone}{assumed}.",
        "good",
    )
    return redirect(url_for("home.home"))


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """End the listener's sessions, in other browsers too. The Spotify connection stays."""
    if listener_id := signed_in_listener():
        with endpoint().pool.connection() as connection:
            end_sessions(connection, listener_id)
    session.clear()
    return redirect(url_for("home.home"))


def _take_login(state: str) -> Login:
    """Return the login that was started in this browser with this OAuth state, once. Raises BadInput."""
    if not state or not secrets.compare_digest(state.encode(), str(session.pop("state", "")).encode()):
        raise BadInput("This login was not started in this browser. Connect Spotify again on the start page.")
    with endpoint().pool.connection() as connection:
        login = take_login(connection, state)
    if login is None:
        raise BadInput("This login expired or was already used. Connect Spotify again on the start page.")
    return login


def _connect(connection: psycopg.Connection, login: Login, account_id: str, token: Token) -> Listener:
    """Create the listener if necessary, link the account and store the token, in one transaction. Raises Conflict."""
    is_simulated = settings().spotify_is_simulated
    check_simulated(connection, login.listener_id, is_simulated)
    listener = ensure_listener(
        connection,
        login.listener_id,
        time_zone=login.time_zone,
        display_name=login.display_name,
        is_simulated=is_simulated,
    )
    link_account(connection, account_id, listener.listener_id)
    connect_listener(connection, endpoint().cipher, listener.listener_id, token, authorized_at=datetime.now(UTC))
    return listener


def _parameter(name: str) -> str | None:
    """Return a query parameter without surrounding white space, or None if it is missing or blank."""
    return request.args.get(name, "").strip()[:LONGEST_PARAMETER] or None
