"""The token endpoint's two exchanges, with the checks that Spotify makes."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from flask import Request

from simulated_spotify.server import Server
from simulated_spotify.tokens import ACCESS_LASTS, CODE_LASTS, REFRESH_LASTS, Grant, TokenError, challenge_of, same

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
Answer = dict[str, object]


class OauthError(Exception):
    """A refused token request: Spotify's error code and description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


def redeem(server: Server, request: Request) -> Answer:
    """An authorization code, once, for an access and a refresh token."""
    now, code = server.now(), request.form.get("code", "")
    client_id, has_secret = _app(server, request)
    grant = _good(server, "authorization code", code, now)
    if code in server.used_codes or grant.client_id != client_id:
        raise OauthError("invalid_grant", "Invalid authorization code")
    if request.form.get("redirect_uri") != grant.redirect_uri:
        raise OauthError("invalid_grant", "Invalid redirect URI")
    _prove_holder(grant, request.form.get("code_verifier", ""), has_secret)
    _remember(server.used_codes, code, now)
    consent = replace(grant, redirect_uri="", code_challenge="")
    return {**_access(server, consent, now), "refresh_token": _refresh_token(server, consent)}


def refresh(server: Server, request: Request) -> Answer:
    """A refresh token for a new access token.

    Spotify may or may not send a new refresh token along: here apps without a secret get one, others keep theirs.
    """
    now = server.now()
    client_id, has_secret = _app(server, request)
    consent = _good(server, "refresh token", request.form.get("refresh_token", ""), now)
    if consent.client_id != client_id:
        raise OauthError("invalid_grant", "Invalid refresh token")
    return {**_access(server, consent, now), **_rotated(server, consent, has_secret)}


def _rotated(server: Server, consent: Grant, has_secret: bool) -> Answer:
    """The new refresh token, if there is one; where every refresh gives one, the old one is dead from then on."""
    rotates = server.faults.plan.rotates
    which = (consent.account, consent.client_id, consent.consented_at)
    if consent.rotation < server.rotations.get(which, 0):
        raise OauthError("invalid_grant", "Refresh token revoked")
    if rotates == "always":
        consent = replace(consent, rotation=consent.rotation + 1)
        server.rotations[which] = consent.rotation
    elif rotates == "null":
        return {"refresh_token": None}
    elif rotates == "never" or (rotates is None and has_secret):
        return {}
    return {"refresh_token": _refresh_token(server, consent)}


def _app(server: Server, request: Request) -> tuple[str, bool]:
    """The app that asks, and whether it gave its secret."""
    settings, basic = server.settings, request.authorization
    if basic is None or basic.type != "basic":
        return request.form.get("client_id", ""), False
    client_id, secret = basic.username or "", basic.password or ""
    if not client_id or (settings.client_id and not same(client_id, settings.client_id)):
        raise OauthError("invalid_client", "Invalid client")
    if not secret or (settings.client_secret and not same(secret, settings.client_secret)):
        raise OauthError("invalid_client", "Invalid client secret")
    return client_id, True


def _prove_holder(grant: Grant, verifier: str, has_secret: bool) -> None:
    """By the verifier when the app sent a challenge (PKCE), else by its secret."""
    if grant.code_challenge:
        if not VERIFIER.fullmatch(verifier) or not same(challenge_of(verifier), grant.code_challenge):
            raise OauthError("invalid_grant", "code_verifier was incorrect")
    elif not has_secret:
        raise OauthError("invalid_client", "Invalid client secret")


def _remember(used: dict[str, float], code: str, now: datetime) -> None:
    """Until the code has expired by itself."""
    for old in [known for known, until in list(used.items()) if until < now.timestamp()]:
        used.pop(old, None)
    used[code] = (now + CODE_LASTS).timestamp()


def _good(server: Server, kind: str, token: str, now: datetime) -> Grant:
    try:
        return server.tokens.read(kind, token, now)
    except TokenError as error:
        raise OauthError("invalid_grant", str(error)) from None


def _access(server: Server, consent: Grant, now: datetime) -> Answer:
    return {
        "access_token": server.tokens.issue("access token", consent, now, ACCESS_LASTS),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_LASTS.total_seconds()),
        "scope": consent.scope,
    }


def _refresh_token(server: Server, consent: Grant) -> str:
    """It ends half a year after consent, however often it is renewed."""
    consented_at = datetime.fromtimestamp(consent.consented_at, UTC)
    return server.tokens.issue("refresh token", consent, consented_at, REFRESH_LASTS)
