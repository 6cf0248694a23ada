"""The HTTP session under spotipy: every call has a timeout, no silent retry, and a failure keeps what Spotify said.

spotipy's own session sleeps through Retry-After and then reports "429 Max Retries" even for a 503, with neither headers
nor reason left; and it fails on an error body that is no object. So a failure is raised here, before spotipy reads it.
"""

from collections.abc import Callable
from typing import Any

import requests

from flask_endpoint.errors import SpotifyUnavailable
from flask_endpoint.spotify.failures import failure_of

TIMEOUTS = (5, 20)  # seconds to connect, and between two pieces of an answer


class SpotifySession(requests.Session):
    """A requests session whose failed answers are our errors.

    `basic` names our app, for token calls; `before` is told each URL that is about to be asked.
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
            raise SpotifyUnavailable(f"Spotify gave no answer ({type(error).__name__}): try again later.") from error
        if response.status_code >= 400:
            raise failure_of(response)
        return response
