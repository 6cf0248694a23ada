"""The error for each failed answer of Spotify, with Spotify's own message and the end of the pause it asks for."""

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

DEFAULT_PAUSE = timedelta(seconds=30)  # For a 429 without a time. The rate limit is measured over 30 seconds.
QUOTA_PAUSE = timedelta(hours=1)  # For an exhausted quota without a time. Spotify does not publish when it resets.
LONGEST_PAUSE = timedelta(days=7)
# Words in the message of a 403 if the listener is not registered for the app, or the app's owner has no Premium subscription.
NOT_ALLOWED_WORDS = ("registered", "premium")
# Errors that spotipy raises for an answer of an unexpected shape. A deeply nested answer is a RecursionError.
MALFORMED_ANSWER = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
MAX_MESSAGE_LENGTH = 300  # characters of Spotify's message


def error_of(response: requests.Response) -> EndpointError:
    """Return the error for an answer with a status of 400 or above."""
    status, message = response.status_code, _message(response)
    if status == 429:
        return Paused(_pause_end(response, message), message)
    if message.startswith("invalid_grant"):
        return NeedsReconnect(f"Spotify has ended the consent ({message}). The listener must connect Spotify again.")
    if message.startswith("invalid_client"):
        return SpotifyUnavailable(
            f"Spotify does not know this app ({message}). Check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET."
        )
    if status == 401:
        return TokenRejected(f"Spotify rejected the access token: {message}")
    if status == 403:
        is_not_allowed = any(word in message.lower() for word in NOT_ALLOWED_WORDS)
        return (NotAllowed if is_not_allowed else SpotifyUnavailable)(f"Spotify refused the request: {message}")
    if status == 404 or (status == 400 and "id" in message.lower().split()):  # "Invalid base62 id"
        return NoSuchItem(f"Spotify does not have this: {message}")
    if status >= 500:
        return SpotifyUnavailable(f"Spotify answered {status}. Try again later.")
    return SpotifyUnavailable(f"Spotify answered {status}: {message}")


def _pause_end(response: requests.Response, message: str) -> datetime:
    pause = QUOTA_PAUSE if QUOTA_EXCEEDED in message else DEFAULT_PAUSE
    retry_after = response.headers.get("Retry-After", "")
    if retry_after.isascii() and retry_after.isdigit():
        # One more second, so that the next request is never early.
        pause = timedelta(seconds=min(int(retry_after), LONGEST_PAUSE.total_seconds()) + 1)
    return datetime.now(UTC) + pause


def _message(response: requests.Response) -> str:
    """Return Spotify's error message.

    Its format is {"error": {"reason": ..., "message": ...}}, {"error": ..., "error_description": ...}, or plain text.
    """
    parts: list[Any] = [response.text.strip()]
    try:
        body: Any = response.json()
    except (ValueError, RecursionError):
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        parts = [error.get("reason"), error.get("message")]
    elif error:
        parts = [error, body.get("error_description")]
    return ": ".join(str(part) for part in parts if part)[:MAX_MESSAGE_LENGTH] or str(response.reason)
