"""What a failed answer of Spotify's stands for, in its own words: which error, and until when to pause."""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from flask_endpoint.errors import (
    QUOTA_EXCEEDED,
    EndpointError,
    NeedsReconnect,
    NoSuchItem,
    NotAllowed,
    Paused,
    SpotifyUnavailable,
    TokenRejected,
)

DEFAULT_PAUSE = timedelta(seconds=30)  # The rate limit's rolling window, where a 429 names no time.
QUOTA_PAUSE = timedelta(hours=1)  # A used-up quota may name none either; its reset is not published.
LONGEST_PAUSE = timedelta(days=7)
# In what a 403 says when the listener is not on the app's list, or the app's owner has no subscription.
NOT_ABOUT_THE_ITEM = ("registered", "premium")
LONGEST_QUOTED = 300  # characters of Spotify's own words


def failure_of(response: requests.Response) -> EndpointError:
    """The error that an answer of 400 or above stands for."""
    status, words = response.status_code, _own_words(response)
    if status == 429:
        return Paused(_pause_end(response, words), words)
    if words.startswith("invalid_grant"):
        return NeedsReconnect(f"Spotify has ended the consent ({words}): the listener must connect Spotify again.")
    if words.startswith("invalid_client"):
        return SpotifyUnavailable(
            f"Spotify does not know this app ({words}): check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET."
        )
    if status == 401:
        return TokenRejected(f"Spotify rejected the access token: {words}")
    if status == 403:
        is_about_us = any(word in words.lower() for word in NOT_ABOUT_THE_ITEM)
        return (NotAllowed if is_about_us else SpotifyUnavailable)(f"Spotify refused the request: {words}")
    if status == 404 or (status == 400 and "id" in words.lower().split()):  # "Invalid base62 id"
        return NoSuchItem(f"Spotify does not have this: {words}")
    if status >= 500:
        return SpotifyUnavailable(f"Spotify answered {status}: try again later.")
    return SpotifyUnavailable(f"Spotify answered {status}: {words}")


def _pause_end(response: requests.Response, words: str) -> datetime:
    pause = QUOTA_PAUSE if QUOTA_EXCEEDED in words else DEFAULT_PAUSE
    asked = response.headers.get("Retry-After", "")
    if asked.isascii() and asked.isdigit():
        pause = timedelta(seconds=min(int(asked), LONGEST_PAUSE.total_seconds()) + 1)  # One more: never early.
    return datetime.now(UTC) + pause


def _own_words(response: requests.Response) -> str:
    """What Spotify said, in any of its shapes: {"error": {...}}, {"error": "...", "error_description": ...}, plain text."""
    said: list[Any] = [response.text.strip()]
    try:
        body: Any = response.json()
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        said = [error.get("reason"), error.get("message")]
    elif error:
        said = [error, body.get("error_description")]
    return ": ".join(str(part) for part in said if part)[:LONGEST_QUOTED] or str(response.reason)
