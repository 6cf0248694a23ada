"""One listener's view of Spotify's Web API, by spotipy: pauses kept, dead tokens replaced or reported."""

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

# What spotipy raises where an answer is not as promised.
UNREADABLE = (AttributeError, KeyError, OverflowError, TypeError, ValueError)
PAGE = 50  # plays: the most that Spotify gives, and all that it keeps


class ListenerConsent(SpotifyConsent):
    """The stored consent of one listener; one process at a time refreshes it."""

    def refresh_access_token(self, refresh_token: str) -> Token:
        with self.cache_handler.held() as token:
            if token["refresh_token"] != refresh_token or not self.is_token_expired(token):
                return token  # type: ignore[no-any-return]  # Another process was first.
            return self._refreshed(token)

    def renew(self) -> None:
        """Replace an access token that Spotify rejects before its time."""
        with self.cache_handler.held() as token:
            self._refreshed(token)

    def _refreshed(self, token: Token) -> Token:
        """A failure here says nothing of the item or the plays that were asked about."""
        try:
            return super().refresh_access_token(token["refresh_token"])  # type: ignore[no-any-return]
        except SpotifyUnavailable as error:
            raise NoNewToken(error.message) from error
        except UNREADABLE as error:
            raise NoNewToken("Spotify's answer with a new token could not be read: try again later.") from error


class SpotifyClient:
    """What the endpoint asks of Spotify in one listener's name. Not for two threads at once."""

    def __init__(self, settings: Settings, pool: ConnectionPool, cipher: MultiFernet, listener_id: str) -> None:
        self._pool = pool
        self._tokens = TokenStore(pool, cipher, listener_id)
        self._consent = ListenerConsent(settings, self._tokens)
        self._spotipy = Spotify(auth_manager=self._consent, requests_session=SpotifySession(before=self._note))
        self._spotipy.prefix = api_prefix(settings)

    def recently_played(self) -> list[Any]:
        """The latest plays, all that Spotify keeps: items appear late, behind any cursor, so every poll reads them all."""
        page = self._ask("plays", lambda: self._spotipy.current_user_recently_played(limit=PAGE))
        items = _items(page)
        while len(items) < PAGE and _items(page) and self._is_ours(page.get("next")):
            page = self._ask("plays", partial(self._spotipy.next, page))
            items += _items(page)
        return items

    def track(self, track_id: str) -> Json:
        return self._ask("catalogue", lambda: self._spotipy.track(track_id))

    def album(self, album_id: str) -> Json:
        return self._ask("catalogue", lambda: self._spotipy.album(album_id))

    def artist(self, artist_id: str) -> Json:
        return self._ask("catalogue", lambda: self._spotipy.artist(artist_id))

    def _note(self, url: str) -> None:
        """Count what is asked of the catalogue: all but what is the listener's own."""
        if not url.startswith(f"{self._spotipy.prefix}me/"):
            with self._pool.connection() as connection:
                count_call(connection)

    def _is_ours(self, link: Any) -> bool:
        """A token follows a link only to the API it is for."""
        return isinstance(link, str) and link.startswith(self._spotipy.prefix)

    def _ask(self, subject: Subject, call: Callable[[], Any]) -> Json:
        check_pause(self._pool, subject)
        try:
            return self._with_a_good_token(call)
        except Paused as pause:
            record_pause(self._pool, subject, pause)
            raise
        except NeedsReconnect as refusal:
            self._tokens.refuse(refusal.message)
            raise

    def _with_a_good_token(self, call: Callable[[], Any]) -> Json:
        try:
            return _object(call)
        except TokenRejected:
            self._consent.renew()
            return _object(call)


def _items(page: Json) -> list[Any]:
    items = page.get("items")
    if not isinstance(items, list):
        raise SpotifyUnavailable("Spotify's answer holds no list of plays: try again later.")
    return list(items)


def _object(call: Callable[[], Any]) -> Json:
    try:
        found = call()
    except SpotifyException as error:  # What Spotify answers never gets here: spotipy found the id to be none.
        raise NoSuchItem("That is not an id of Spotify's: 22 letters and digits.") from error
    except UNREADABLE as error:
        raise SpotifyUnavailable("Spotify's answer could not be read: try again later.") from error
    if not isinstance(found, dict):
        raise SpotifyUnavailable("Spotify's answer is no object: try again later.")
    return found
