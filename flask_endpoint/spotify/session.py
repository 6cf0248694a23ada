"""The HTTP session that spotipy uses. Every request has a timeout, is never retried, and raises an error with Spotify's message.

spotipy's own session sleeps as long as Retry-After says and then reports "429 Max Retries", even for a 503, without headers or reason.
It also fails on an error body that is not a JSON object. This session therefore raises before spotipy reads the answer.
"""

from collections.abc import Callable
from typing import Any

import requests

from flask_endpoint.errors import SpotifyUnavailable
from flask_endpoint.spotify.failures import error_of

TIMEOUTS = (5, 20)  # seconds to connect, and between two chunks of an answer


class SpotifySession(requests.Session):
    """A requests session that raises an EndpointError for every failed request.

    `basic` is the app's id and secret, for requests to the token endpoint. `before` is called with the URL of each request.
    """

    def __init__(self, basic: tuple[str, str] | None = None, before: Callable[[str], None] | None = None) -> None:
        super().__init__()
        self.auth = basic
        self._before = before

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        options["timeout"] = TIMEOUTS
        if self._before:
            self._before(url)
        try:
            response = super().request(method, url, **options)
        except requests.RequestException as error:
            raise SpotifyUnavailable(f"Spotify did not answer ({type(error).__name__}). Try again later.") from error
        if response.status_code >= 400:
            raise error_of(response)
        return response
