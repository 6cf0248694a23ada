"""Spotify's answers for tracks, and the key of an endpoint's tokens."""

from flask_endpoint.context import Endpoint
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.polled_plays import play

NOT_FOUND = Answer(404, {"error": {"status": 404, "message": "Resource not found"}})


def track(track_id: str) -> Answer:
    """Return Spotify's answer for a track."""
    return Answer(200, play(track_id, "x")["track"])


def key_of(endpoint: Endpoint) -> str:
    """Return the key of the endpoint's tokens, for another endpoint that reads them."""
    return endpoint.settings.token_key.get_secret_value()
