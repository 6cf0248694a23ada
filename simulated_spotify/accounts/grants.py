"""The two exchanges of the token endpoint, with Spotify's checks."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from flask import Request

from simulated_spotify.accounts.tokens import (
    ACCESS_TOKEN_LIFETIME,
    CODE_LIFETIME,
    REFRESH_TOKEN_LIFETIME,
    Grant,
    TokenError,
    challenge_of,
    is_same,
)
from simulated_spotify.server import Server

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
Answer = dict[str, object]


class OauthError(Exception):
    """A rejected token request, with Spotify's error code and description."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


def redeem(server: Server, request: Request) -> Answer:
    """Exchange an authorization code for an access token and a refresh token. A code works once."""
    now, code = server.now(), request.form.get("code", "")
    client_id, has_secret = _app(server, request)
    grant = _read_token(server, "authorization code", code, now)
    if code in server.used_codes or grant.client_id != client_id:
        raise OauthError("invalid_grant", "Invalid authorization code")
    if request.form.get("redirect_uri") != grant.redirect_uri:
        raise OauthError("invalid_grant", "Invalid redirect URI")
    _verify_client(grant, request.form.get("code_verifier", ""), has_secret)
    _remember(server.used_codes, code, now)
    consent = replace(grant, redirect_uri="", code_challenge="")
    return {**_access(server, consent, now), "refresh_token": _refresh_token(server, consent)}


def refresh(server: Server, request: Request) -> Answer:
    """Exchange a refresh token for a new access token.

    Spotify may return a new refresh token, too. By default the simulator does so only for apps without a secret.
    """
    now = server.now()
    client_id, has_secret = _app(server, request)
    consent = _read_token(server, "refresh token", request.form.get("refresh_token", ""), now)
    if consent.client_id != client_id:
        raise OauthError("invalid_grant", "Invalid refresh token")
    return {**_access(server, consent, now), **_rotated(server, consent, has_secret)}


def _rotated(server: Server, consent: Grant, has_secret: bool) -> Answer:
    """Return the field `refresh_token` of the response, if any.

    If the plan rotates always, the old refresh token is revoked.
    """
    rotates = server.faults.plan.rotates
    consent_key = (consent.account, consent.client_id, consent.consented_at)
    if consent.rotation < server.rotations.get(consent_key, 0):
        raise OauthError("invalid_grant", "Refresh token revoked")
    if rotates == "always":
        consent = replace(consent, rotation=consent.rotation + 1)
        server.rotations[consent_key] = consent.rotation
    elif rotates == "null":
        return {"refresh_token": None}
    elif rotates == "never" or (rotates is None and has_secret):
        return {}
    return {"refresh_token": _refresh_token(server, consent)}


def _app(server: Server, request: Request) -> tuple[str, bool]:
    """Return the client id of the app, and whether the app sent its secret. Raise OauthError if they are wrong."""
    settings, basic = server.settings, request.authorization
    if basic is None or basic.type != "basic":
        return request.form.get("client_id", ""), False
    client_id, secret = basic.username or "", basic.password or ""
    if not client_id or (settings.client_id and not is_same(client_id, settings.client_id)):
        raise OauthError("invalid_client", "Invalid client")
    if not secret or (settings.client_secret and not is_same(secret, settings.client_secret)):
        raise OauthError("invalid_client", "Invalid client secret")
    return client_id, True


def _verify_client(grant: Grant, verifier: str, has_secret: bool) -> None:
    """Check the PKCE verifier if the app sent a challenge, else require the secret."""
    if grant.code_challenge:
        if not VERIFIER.fullmatch(verifier) or not is_same(challenge_of(verifier), grant.code_challenge):
            raise OauthError("invalid_grant", "code_verifier was incorrect")
    elif not has_secret:
        raise OauthError("invalid_client", "Invalid client secret")


def _remember(used: dict[str, float], code: str, now: datetime) -> None:
    """Remember a used code until it expires."""
    for old in [known for known, until in list(used.items()) if until < now.timestamp()]:
        used.pop(old, None)
    used[code] = (now + CODE_LIFETIME).timestamp()


def _read_token(server: Server, kind: str, token: str, now: datetime) -> Grant:
    """Return the content of a code or token. Raise OauthError if it is invalid or expired."""
    try:
        return server.tokens.read(kind, token, now)
    except TokenError as error:
        raise OauthError("invalid_grant", str(error)) from None


def _access(server: Server, consent: Grant, now: datetime) -> Answer:
    return {
        "access_token": server.tokens.issue("access token", consent, now, ACCESS_TOKEN_LIFETIME),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_TOKEN_LIFETIME.total_seconds()),
        "scope": consent.scope,
    }


def _refresh_token(server: Server, consent: Grant) -> str:
    """Return a refresh token. It expires half a year after the consent, however often it is renewed."""
    consented_at = datetime.fromtimestamp(consent.consented_at, UTC)
    return server.tokens.issue("refresh token", consent, consented_at, REFRESH_TOKEN_LIFETIME)
