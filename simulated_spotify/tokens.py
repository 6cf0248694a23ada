"""Codes and tokens: signed statements, so that a restarted server still knows those it gave out."""

import base64
import hashlib
import hmac
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from simulated_spotify.dice import digest

CODE_LASTS = timedelta(minutes=10)
ACCESS_LASTS = timedelta(seconds=3600)
REFRESH_LASTS = timedelta(days=182)  # half a year from consent; refreshing does not extend it


class TokenError(Exception):
    """A code or token is not good; the message is the one that Spotify gives."""


@dataclass(frozen=True)
class Grant:
    """What a listener consented to, carried inside every code and token."""

    account: str
    client_id: str
    scope: str
    consented_at: float  # seconds since 1970
    redirect_uri: str = ""  # of codes only, as is the challenge
    code_challenge: str = ""
    rotation: int = 0  # of refresh tokens: how many of this consent came before


class TokenMaker:
    """Issues and reads the three kinds of token; times come in from the caller."""

    def __init__(self, seed: str) -> None:
        self._key = digest("tokens", seed)  # guards nothing real

    def issue(self, kind: str, grant: Grant, now: datetime, lasts: timedelta) -> str:
        return self._signer(kind).dumps({**asdict(grant), "expires": (now + lasts).timestamp()})

    def read(self, kind: str, token: str, now: datetime) -> Grant:
        try:
            content = self._signer(kind).loads(token)
        except BadSignature:
            raise TokenError(f"Invalid {kind}") from None
        if content.pop("expires") <= now.timestamp():
            raise TokenError(f"{kind.capitalize()} expired")
        return Grant(**content)

    def account_of(self, kind: str, token: str) -> str | None:
        """Whose it is, expired or not; None when we never gave it."""
        try:
            return str(self._signer(kind).loads(token)["account"])
        except BadSignature:
            return None

    def _signer(self, kind: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=kind, signer_kwargs={"digest_method": hashlib.sha256})


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a PKCE code verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
