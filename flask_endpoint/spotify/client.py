"""A client of Spotify's Web API for one listener, based on spotipy. It respects pauses and replaces or reports invalid tokens."""

from collections.abc import Callable
from functools import partial
from typing import Any

from cryptography.fernet import MultiFernet
from psycopg_pool import ConnectionPool
from spotipy import Spotify, SpotifyException

from flask_endpoint.errors import NeedsReconnect, NoNewToken, NoSuchItem, Paused, SpotifyUnavailable, TokenRejected
from flask_endpoint.settings import Settings
from flask_endpoint.spotify.budget import count_call
from flask_endpoint.spotify.oauth import SpotifyConsent, Token, api_prefix
from flask_endpoint.spotify.objects import Json
from flask_endpoint.spotify.pauses import Subject, check_pause, record_pause
from flask_endpoint.spotify.session import SpotifySession
from flask_endpoint.spotify.token_store import TokenStore

# Errors that spotipy raises for an answer of an unexpected shape.
MALFORMED_ANSWER = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
PAGE_SIZE = 50  # plays. Spotify's maximum per request, and the number of plays that it keeps.


class ListenerConsent(SpotifyConsent):
    """The stored consent of one listener. Only one process at a time refreshes its token."""

    def refresh_access_token(self, refresh_token: str) -> Token:
        """Return a valid token. Refresh it, unless another process has just done so."""
        with self.cache_handler.locked() as token:
            if token["refresh_token"] != refresh_token or not self.is_token_expired(token):
                return token  # type: ignore[no-any-return]
            return self._refreshed(token)

    def replace_access_token(self) -> None:
        """Replace an access token that Spotify rejected although it has not expired."""
        with self.cache_handler.locked() as token:
            self._refreshed(token)

    def _refreshed(self, token: Token) -> Token:
        """Refresh the token. Raises NoNewToken or NeedsReconnect, so that callers do not blame the requested item."""
        try:
            return super().refresh_access_token(token["refresh_token"])  # type: ignore[no-any-return]
        except SpotifyUnavailable as error:
            raise NoNewToken(error.message) from error
        except MALFORMED_ANSWER as error:
            raise NoNewToken("Spotify returned a new token in an unknown format. Try again later.") from error


class SpotifyClient:
    """Requests to Spotify with the token of one listener. Not thread-safe."""

    def __init__(self, settings: Settings, pool: ConnectionPool, cipher: MultiFernet, listener_id: str) -> None:
        self._pool = pool
        self._tokens = TokenStore(pool, cipher, listener_id)
        self._consent = ListenerConsent(settings, self._tokens)
        self._spotipy = Spotify(
            auth_manager=self._consent, requests_session=SpotifySession(before=self._count_catalog_call)
        )
        self._spotipy.prefix = api_prefix(settings)

    def recently_played(self) -> list[Any]:
        """Return all recent plays that Spotify keeps. A cursor would miss plays that appear late, before newer ones."""
        page = self._call("plays", lambda: self._spotipy.current_user_recently_played(limit=PAGE_SIZE))
        items = _items(page)
        while len(items) < PAGE_SIZE and _items(page) and self._is_api_link(page.get("next")):
            page = self._call("plays", partial(self._spotipy.next, page))
            items += _items(page)
        return items

    def track(self, track_id: str) -> Json:
        return self._call("catalogue", lambda: self._spotipy.track(track_id))

    def album(self, album_id: str) -> Json:
        return self._call("catalogue", lambda: self._spotipy.album(album_id))

    def artist(self, artist_id: str) -> Json:
        return self._call("catalogue", lambda: self._spotipy.artist(artist_id))

    def _count_catalog_call(self, url: str) -> None:
        """Count a request for a catalog item. Requests for the listener's own data, below /me/, do not count."""
        if not url.startswith(f"{self._spotipy.prefix}me/"):
            with self._pool.connection() as connection:
                count_call(connection)

    def _is_api_link(self, link: Any) -> bool:
        """Return whether a link leads to Spotify's API. The token must not be sent to another host."""
        return isinstance(link, str) and link.startswith(self._spotipy.prefix)

    def _call(self, subject: Subject, call: Callable[[], Any]) -> Json:
        """Make a call, unless a pause has not ended yet. If Spotify asks for a pause or ends the consent, store that."""
        check_pause(self._pool, subject)
        try:
            return self._with_valid_token(call)
        except Paused as pause:
            record_pause(self._pool, subject, pause)
            raise
        except NeedsReconnect as error:
            self._tokens.mark_for_reconnect(error.message)
            raise

    def _with_valid_token(self, call: Callable[[], Any]) -> Json:
        """Make a call. If Spotify rejects the access token, replace it and make the call once more."""
        try:
            return _object(call)
        except TokenRejected:
            self._consent.replace_access_token()
            return _object(call)


def _items(page: Json) -> list[Any]:
    items = page.get("items")
    if not isinstance(items, list):
        raise SpotifyUnavailable("Spotify's answer contains no list of plays. Try again later.")
    return list(items)


def _object(call: Callable[[], Any]) -> Json:
    try:
        found = call()
    except SpotifyException as error:  # spotipy rejected the id. Errors of Spotify itself are raised by SpotifySession.
        raise NoSuchItem("This is not a Spotify id, which has 22 letters and digits.") from error
    except MALFORMED_ANSWER as error:
        raise SpotifyUnavailable("Spotify's answer has an unknown format. Try again later.") from error
    if not isinstance(found, dict):
        raise SpotifyUnavailable("Spotify's answer is not a JSON object. Try again later.")
    return found
