"""Authorization codes and tokens. They are signed and carry their content, so they stay valid after a restart."""

import base64
import hashlib
import hmac
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer

from simulated_spotify.music.dice import digest

CODE_LIFETIME = timedelta(minutes=10)
ACCESS_TOKEN_LIFETIME = timedelta(seconds=3600)
REFRESH_TOKEN_LIFETIME = timedelta(days=182)  # half a year from consent; refreshing does not extend it


class TokenError(Exception):
    """A code or token is invalid or expired. The message is Spotify's."""


@dataclass(frozen=True)
class Grant:
    """The consent of a listener, which every code and token contains."""

    account: str
    client_id: str
    scope: str
    consented_at: float  # seconds since 1970
    redirect_uri: str = ""  # only in codes, like the challenge
    code_challenge: str = ""
    rotation: int = 0  # in refresh tokens: the number of earlier refresh tokens of this consent


class TokenMaker:
    """Issues and reads authorization codes, access tokens and refresh tokens. The caller passes the time."""

    def __init__(self, seed: str) -> None:
        self._key = digest("tokens", seed)  # not a secret: it protects only simulated data

    def issue(self, kind: str, grant: Grant, now: datetime, lifetime: timedelta) -> str:
        """Return a signed token of this kind."""
        return self._signer(kind).dumps({**asdict(grant), "expires": (now + lifetime).timestamp()})

    def read(self, kind: str, token: str, now: datetime) -> Grant:
        """Return the content of a token. Raise TokenError if the token is invalid or expired."""
        try:
            content = self._signer(kind).loads(token)
        except BadSignature:
            raise TokenError(f"Invalid {kind}") from None
        if content.pop("expires") <= now.timestamp():
            raise TokenError(f"{kind.capitalize()} expired")
        return Grant(**content)

    def account_of(self, kind: str, token: str) -> str | None:
        """Return the listener of a token, expired or not, or None if the simulator did not issue it."""
        try:
            return str(self._signer(kind).loads(token)["account"])
        except BadSignature:
            return None

    def _signer(self, kind: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=kind, signer_kwargs={"digest_method": hashlib.sha256})


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE code verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def is_same(one: str, other: str) -> bool:
    """Compare two strings in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
