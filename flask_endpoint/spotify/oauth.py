"""Consent by the OAuth authorization code flow with state and PKCE, and the refresh of its tokens, based on spotipy.

PKCE works without a client secret. If one is set, requests for tokens contain it. Without a usable token, spotipy would open a browser;
these classes raise NeedsReconnect instead.
"""

from typing import Any

from spotipy import Spotify, SpotifyPKCE
from spotipy.cache_handler import CacheHandler, MemoryCacheHandler

from flask_endpoint.errors import NeedsReconnect, SpotifyUnavailable
from flask_endpoint.settings import Settings
from flask_endpoint.spotify.failures import MALFORMED_ANSWER
from flask_endpoint.spotify.session import SpotifySession

SCOPES = ("user-read-recently-played",)
Token = dict[str, Any]  # spotipy's token_info


class SpotifyConsent(SpotifyPKCE):  # type: ignore[misc]  # spotipy has no types.
    """spotipy's PKCE flow with configurable hosts and our HTTP session."""

    def __init__(self, settings: Settings, tokens: CacheHandler) -> None:
        secret = settings.spotify_client_secret.get_secret_value()
        super().__init__(
            client_id=settings.spotify_client_id,
            redirect_uri=settings.spotify_redirect_uri,
            scope=SCOPES,
            open_browser=False,
            cache_handler=tokens,
            requests_session=SpotifySession(basic=(settings.spotify_client_id, secret) if secret else None),
        )
        accounts = settings.spotify_accounts_url.rstrip("/")
        self.OAUTH_AUTHORIZE_URL = settings.consent_url
        self.OAUTH_TOKEN_URL = f"{accounts}/api/token"

    def get_authorization_code(self, response: str | None = None) -> str:
        """Raise NeedsReconnect, where spotipy would open a browser."""
        raise NeedsReconnect("The stored consent does not cover this request. The listener must connect Spotify again.")

    def _add_custom_values_to_token_info(self, token_info: Token) -> Token:
        """Keep the refresh token if the answer contains an empty one. spotipy keeps it only if the answer contains none."""
        if not token_info.get("refresh_token"):
            token_info.pop("refresh_token", None)
        return super()._add_custom_values_to_token_info(token_info)  # type: ignore[no-any-return]


def begin_consent(settings: Settings, state: str) -> tuple[str, str]:
    """Return the URL where a listener consents, and the PKCE verifier to keep until they return."""
    consent = SpotifyConsent(settings, MemoryCacheHandler())
    url = consent.get_authorize_url(state=state)
    return url, consent.code_verifier


def finish_consent(settings: Settings, code: str, verifier: str) -> Token:
    """Exchange the code with which a listener returned for tokens. Raises NeedsReconnect or SpotifyUnavailable."""
    tokens = MemoryCacheHandler()
    consent = SpotifyConsent(settings, tokens)
    consent.code_verifier = verifier
    consent.code_challenge = consent._get_code_challenge()
    try:
        consent.get_access_token(code=code, check_cache=False)
    except NeedsReconnect as error:
        raise NeedsReconnect("Spotify did not accept this login. It may have taken too long. Connect again.") from error
    except MALFORMED_ANSWER as error:
        raise SpotifyUnavailable("Spotify's answer to the login has an unknown format. Try again later.") from error
    token: Token = tokens.get_cached_token()
    if not token.get("refresh_token"):
        raise SpotifyUnavailable("Spotify returned no refresh token. Connect again.")
    return token


def account_of(settings: Settings, access_token: str) -> str:
    """Return the immutable key of the token's account, or its id if Spotify returns no key."""
    spotipy = Spotify(auth=access_token, requests_session=SpotifySession())
    spotipy.prefix = api_prefix(settings)
    try:
        found = spotipy.me() or {}
        account = found.get("account_id") or found.get("id")
    except MALFORMED_ANSWER as error:
        raise SpotifyUnavailable(
            "Spotify's answer about the account has an unknown format. Try again later."
        ) from error
    if not isinstance(account, str):
        raise SpotifyUnavailable("Spotify did not return the id of the account. Try again later.")
    return account


def api_prefix(settings: Settings) -> str:
    """Return the API's base URL in spotipy's form. The setting may or may not end with the version."""
    return settings.spotify_api_url.rstrip("/").removesuffix("/v1") + "/v1/"
