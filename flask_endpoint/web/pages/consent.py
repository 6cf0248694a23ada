"""Connecting a listener to Spotify: off to consent, back with a code, and signing out again."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg
from apiflask import APIBlueprint
from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from psycopg.rows import class_row

from flask_endpoint.errors import BadInput, Conflict, NeedsReconnect
from flask_endpoint.listeners.listeners import Listener, check_listener_id, check_time_zone, ensure_listener
from flask_endpoint.spotify.oauth import SCOPES, Token, account_of, begin_consent, finish_consent
from flask_endpoint.spotify.token_store import connect_listener
from flask_endpoint.web.security import endpoint, for_viewers, settings, sign_in

LOGIN_LASTS = timedelta(minutes=10)

blueprint = APIBlueprint("consent", __name__, enable_openapi=False)


@dataclass(frozen=True)
class Login:
    """A login under way: who is to be connected, and what proves that the answer belongs to it."""

    listener_id: str
    display_name: str | None
    time_zone: str | None
    code_verifier: bytes


@blueprint.get("/login")
@for_viewers
def login() -> ResponseReturnValue:
    """Send the person to Spotify, remembering which listener they are."""
    listener_id, time_zone = _asked("listener_id") or "", _asked("time_zone")
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    state = secrets.token_urlsafe(32)
    authorize_url, verifier = begin_consent(settings(), state)
    with endpoint().pool.connection() as connection:
        _refuse_the_other_kind(connection, listener_id)
        connection.execute("DELETE FROM vault.login WHERE expires_at < now()")
        connection.execute(
            "INSERT INTO vault.login (state, listener_id, display_name, time_zone, code_verifier, expires_at) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            (
                state,
                listener_id,
                _asked("display_name"),
                time_zone,
                endpoint().cipher.encrypt(verifier.encode()),
                _login_end(),
            ),
        )
    session["state"] = state
    return redirect(authorize_url)


@blueprint.get("/callback")
def callback() -> ResponseReturnValue:
    """Take the code that Spotify sent along, and keep what it is worth."""
    under_way = _take_login(request.args.get("state", ""))
    if problem := request.args.get("error"):
        flash(f"Spotify was not connected: {'you said no' if problem == 'access_denied' else problem[:80]}.", "bad")
        return redirect(url_for("home.home"))
    verifier = endpoint().cipher.decrypt(under_way.code_verifier).decode()
    token = finish_consent(settings(), request.args.get("code", ""), verifier)
    if not set(SCOPES) <= set((token.get("scope") or "").split()):
        raise NeedsReconnect("Spotify was not allowed to show the latest plays: connect again and agree to it.")
    account_id = account_of(settings(), token["access_token"])
    with endpoint().pool.connection() as connection:
        listener = _connect(connection, under_way, account_id, token)
    sign_in(listener.listener_id)
    zone = f" The time zone is {listener.time_zone}" + (", since none was given." if listener.is_zone_assumed else ".")
    flash(f"{listener.display_name} is connected. Their latest plays come with the next sync.{zone}", "good")
    return redirect(url_for("home.home"))


@blueprint.post("/logout")
def logout() -> ResponseReturnValue:
    """Forget who is signed in here; the connection to Spotify stays."""
    session.clear()
    return redirect(url_for("home.home"))


def _take_login(state: str) -> Login:
    """The login that this answer belongs to, once: begun in this browser and not long ago."""
    if not state or not secrets.compare_digest(state.encode(), str(session.pop("state", "")).encode()):
        raise BadInput("This login was not begun in this browser: connect Spotify again from the start page.")
    with endpoint().pool.connection() as connection, connection.cursor(row_factory=class_row(Login)) as cursor:
        found = cursor.execute(
            "DELETE FROM vault.login WHERE state = %s AND expires_at > now() RETURNING listener_id, display_name, time_zone, code_verifier",
            (state,),
        ).fetchone()
    if found is None:
        raise BadInput("This login took too long or was already used: connect Spotify again from the start page.")
    return found


def _connect(connection: psycopg.Connection, login: Login, account_id: str, token: Token) -> Listener:
    """Make the listener where new, link the account and store the token, all or nothing."""
    _refuse_the_other_kind(connection, login.listener_id)
    listener = ensure_listener(
        connection,
        login.listener_id,
        time_zone=login.time_zone,
        display_name=login.display_name,
        is_simulated=settings().spotify_is_simulated,
    )
    connection.execute(
        "INSERT INTO vault.account (account_id, listener_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (account_id, listener.listener_id),
    )
    links = connection.execute(
        "SELECT account_id, listener_id FROM vault.account WHERE account_id = %s OR listener_id = %s",
        (account_id, listener.listener_id),
    ).fetchall()
    if links != [(account_id, listener.listener_id)]:
        others = [linked for account, linked in links if account == account_id and linked != listener.listener_id]
        raise Conflict(
            f"This Spotify account is connected as listener {others[0]} already: use that name."
            if others
            else f"Listener {listener.listener_id} belongs to another Spotify account: choose another name."
        )
    connect_listener(connection, endpoint().cipher, listener.listener_id, token, authorized_at=datetime.now(UTC))
    return listener


def _refuse_the_other_kind(connection: psycopg.Connection, listener_id: str) -> None:
    """A simulated listener and a real one never share a name."""
    row = connection.execute("SELECT is_simulated FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone()
    if row is None or row[0] == settings().spotify_is_simulated:
        return
    raise Conflict(
        f"{listener_id} is a simulated listener: choose another name, or delete the simulated ones with `make demo-clean`."
        if row[0]
        else f"{listener_id} is a real listener, and this Spotify is simulated: choose another name."
    )


def _asked(name: str) -> str | None:
    """A query parameter, trimmed; None when it is empty or missing."""
    return request.args.get(name, "").strip()[:200] or None


def _login_end() -> datetime:
    return datetime.now(UTC) + LOGIN_LASTS
