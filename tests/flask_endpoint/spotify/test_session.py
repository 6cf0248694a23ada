"""SpotifySession: each failed request raises the error that says what to do, with Spotify's message."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from flask_endpoint.errors import EndpointError, NeedsReconnect, NoSuchItem, Paused, SpotifyUnavailable, TokenRejected
from flask_endpoint.spotify.session import SpotifySession
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify

NO_PREMIUM = "Active premium subscription required for the owner of the app."
QUOTA = {"error": {"status": 429, "message": "Too many requests", "reason": "QUOTA_EXCEEDED"}}
SECONDS = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (
            Answer(401, {"error": {"status": 401, "message": "The access token expired"}}),
            TokenRejected,
            "The access token expired",
        ),
        (Answer(403, NO_PREMIUM), SpotifyUnavailable, NO_PREMIUM),
        (Answer(404, {"error": {"status": 404, "message": "Resource not found"}}), NoSuchItem, "does not have this"),
        (
            Answer(400, {"error": "invalid_grant", "error_description": "Refresh token revoked"}),
            NeedsReconnect,
            "Refresh token revoked",
        ),
        (Answer(400, {"error": "invalid_client"}), SpotifyUnavailable, "SPOTIFY_CLIENT_ID"),
        (Answer(400, {"error": {"status": 400, "message": "Invalid limit"}}), SpotifyUnavailable, "Invalid limit"),
        (Answer(500, "oops"), SpotifyUnavailable, "500"),
        (Answer(503, ""), SpotifyUnavailable, "503"),
        (Answer(418, ["odd"]), SpotifyUnavailable, "odd"),
        (Answer(400, ""), SpotifyUnavailable, "Bad Request"),
        (Answer(400, {"error": {"status": 400, "message": "Invalid base62 id"}}), NoSuchItem, "Invalid base62 id"),
    ],
)
def test_failed_request_raises_error_with_spotifys_message(
    faults: FaultySpotify, answer: Answer, error: type[EndpointError], message: str
) -> None:
    faults.will("/v1/me", answer)
    with pytest.raises(error, match=re.escape(message)):
        SpotifySession().get(f"{faults.url}/v1/me")
    assert faults.times("/v1/me") == 1, "the request was retried"


@pytest.mark.parametrize(
    ("answer", "shortest", "longest"),
    [
        (
            Answer(429, "Too many requests", {"Retry-After": "86236"}),
            timedelta(seconds=86236),
            timedelta(seconds=86240),
        ),
        (Answer(429, QUOTA), timedelta(minutes=59), timedelta(minutes=61)),
        (Answer(429, QUOTA, {"Retry-After": "7"}), 7 * SECONDS, 11 * SECONDS),
        (Answer(429, ""), 29 * SECONDS, 32 * SECONDS),
        (Answer(429, "", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), 29 * SECONDS, 32 * SECONDS),
        (Answer(429, "", {"Retry-After": "9" * 30}), timedelta(days=7), timedelta(days=7, seconds=5)),
    ],
)
def test_429_raises_pause_with_its_end(
    faults: FaultySpotify, answer: Answer, shortest: timedelta, longest: timedelta
) -> None:
    faults.will("/v1/me", answer)
    asked_at = datetime.now(UTC)
    with pytest.raises(Paused) as limited:
        SpotifySession().get(f"{faults.url}/v1/me")
    assert asked_at + shortest <= limited.value.until <= datetime.now(UTC) + longest


def test_unreachable_server_raises_error() -> None:
    with pytest.raises(SpotifyUnavailable, match="Try again later"):
        SpotifySession().get("http://127.0.0.1:9/v1/me")
