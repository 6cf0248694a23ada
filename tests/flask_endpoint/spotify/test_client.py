"""SpotifyClient respects pauses and raises an error for every unexpected answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from flask_endpoint.context import Endpoint
from flask_endpoint.errors import NoSuchItem, Paused, SpotifyUnavailable
from flask_endpoint.spotify.client import SpotifyClient
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, page


def test_pause_is_stored_and_prevents_requests_until_its_end(
    endpoint: Endpoint, ana: str, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    faults.will(RECENT, Answer(429, "", {"Retry-After": "120"}))
    for _ in range(3):
        with pytest.raises(Paused, match="Spotify asks for a pause until"):
            endpoint.spotify(ana).recently_played()
    assert faults.times(RECENT) == 1
    [(left,)] = source.execute("SELECT paused_until - now() FROM vault.pause WHERE subject = 'plays'")
    assert timedelta(seconds=100) < left <= timedelta(seconds=122)
    source.execute("UPDATE vault.pause SET paused_until = now()")
    faults.will(RECENT, page())
    assert endpoint.spotify(ana).recently_played() == []


TRACK = "6rqhFgbbKwnb9MLmUQDhG6"
Request = tuple[str, Callable[[SpotifyClient], object]]
REQUESTS: list[Request] = [
    (f"/v1/tracks/{TRACK}", lambda spotify: spotify.track(TRACK)),
    (RECENT, lambda spotify: spotify.recently_played()),
]


@pytest.mark.parametrize(("limited", "other"), [REQUESTS, REQUESTS[::-1]], ids=["catalog", "plays"])
def test_rate_limit_pauses_all_requests(
    endpoint: Endpoint, ana: str, faults: FaultySpotify, limited: Request, other: Request
) -> None:
    path, send = limited
    faults.will(
        path, Answer(429, {"error": {"status": 429, "message": "API rate limit exceeded"}}, {"Retry-After": "5"})
    )
    with pytest.raises(Paused):
        send(endpoint.spotify(ana))
    with pytest.raises(Paused, match="API rate limit exceeded"):
        other[1](endpoint.spotify(ana))
    assert [request.path for request in faults.asked] == [path]


def test_exhausted_catalog_quota_does_not_pause_plays(endpoint: Endpoint, ana: str, faults: FaultySpotify) -> None:
    faults.will(
        "/v1/tracks/6rqhFgbbKwnb9MLmUQDhG6", Answer(429, {"error": {"status": 429, "reason": "QUOTA_EXCEEDED"}})
    )
    faults.will(RECENT, page())
    with pytest.raises(Paused, match="QUOTA_EXCEEDED"):
        endpoint.spotify(ana).track("6rqhFgbbKwnb9MLmUQDhG6")
    assert endpoint.spotify(ana).recently_played() == []
    with pytest.raises(Paused):
        endpoint.spotify(ana).artist("6rqhFgbbKwnb9MLmUQDhG6")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, "User not registered in the Developer Dashboard"),
        Answer(500, ""),
        Answer(200, "<html>"),
        Answer(200, []),
        Answer(200, {"items": None}),
    ],
)
def test_failed_or_malformed_answer_raises_error(
    endpoint: Endpoint, ana: str, faults: FaultySpotify, answer: Answer
) -> None:
    faults.will(RECENT, answer)
    with pytest.raises(SpotifyUnavailable):
        endpoint.spotify(ana).recently_played()


def test_short_page_is_followed_by_next_page_of_same_host_only(
    endpoint: Endpoint, ana: str, faults: FaultySpotify
) -> None:
    def play(moment: str) -> dict[str, Any]:
        return {"track": {"id": moment}, "played_at": moment}

    next_page = f"{faults.url}{RECENT}?before=1"
    faults.will(
        RECENT,
        Answer(200, {"items": [play("c"), play("b")], "next": next_page}),
        Answer(200, {"items": [play("a")], "next": "http://evil.example/"}),
    )
    assert [item["played_at"] for item in endpoint.spotify(ana).recently_played()] == ["c", "b", "a"]
    assert faults.times(RECENT) == 2


@pytest.mark.parametrize("item_id", ["", "x:track:abc", "../me", "6rqhFgbbKwnb9MLmUQDhG6"])
def test_unknown_or_invalid_id_raises_no_such_item(endpoint: Endpoint, ana: str, item_id: str) -> None:
    with pytest.raises(NoSuchItem):
        endpoint.spotify(ana).track(item_id)
