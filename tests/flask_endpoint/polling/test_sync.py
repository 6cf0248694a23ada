"""The sync: it lands the new plays of every connected listener, and a failure of one listener does not stop the others."""

import psycopg
import pytest

from flask_endpoint.context import Endpoint
from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, add_connected_listener, no_wait, page, play, promote_all


def test_poll_without_new_plays_lands_nothing(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    promote_all(endpoint, sync(endpoint, no_wait))
    assert sync(endpoint, no_wait)["batches"] == []
    assert source.execute("SELECT count(*) FROM landing.batch").fetchone() == (1,)
    faults.will(RECENT, page())
    assert sync(endpoint, no_wait)["batches"] == []


def test_play_that_appears_after_newer_plays_is_landed(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    newest = play(TRACKS[1], "2026-11-20T11:00:00.000Z")
    faults.will(RECENT, page(newest))
    promote_all(endpoint, sync(endpoint, no_wait))
    faults.will(RECENT, page(newest, play(TRACKS[0], "2026-11-20T09:00:00.500Z")))
    promote_all(endpoint, sync(endpoint, no_wait))
    assert source.execute("SELECT track_id FROM raw.play ORDER BY ended_at").fetchall() == [(TRACKS[0],), (TRACKS[1],)]


def test_landed_batch_is_reported_again_and_not_landed_twice(endpoint: Endpoint, faults: FaultySpotify) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    first = sync(endpoint, no_wait)["batches"]
    assert sync(endpoint, no_wait)["batches"] == first


def test_plays_of_refused_batch_are_not_landed_again(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    assert len(sync(endpoint, no_wait)["batches"]) == 1
    source.execute("UPDATE landing.batch SET status = 'refused'")
    assert sync(endpoint, no_wait)["batches"] == []


def test_failed_listener_is_reported_and_others_are_polled(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    for listener in ("ana", "ben", "chie"):
        add_connected_listener(endpoint, listener)
    faults.will(
        RECENT,
        page(play(TRACKS[0], "2026-11-20T10:00:00.000Z")),
        Answer(403, "User not registered in the Developer Dashboard"),
        page(play(TRACKS[0], "2026-11-20T10:00:00.000Z")),
    )
    result = sync(endpoint, no_wait)
    assert [batch["listener_id"] for batch in result["batches"]] == ["ana", "chie"]
    assert result["failures"] == [
        {"listener_id": "ben", "error": "Spotify refused the request: User not registered in the Developer Dashboard"}
    ]


def test_unexpected_error_fails_only_its_listener(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    add_connected_listener(endpoint, "ben")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.000Z")))
    source.execute("ALTER TABLE landing.batch ADD CHECK (listener_id <> 'ana')")
    result = sync(endpoint, no_wait)
    assert [batch["listener_id"] for batch in result["batches"]] == ["ben"]
    assert [failure["listener_id"] for failure in result["failures"]] == ["ana"]


@pytest.mark.parametrize(
    "answer", [Answer(401, ""), Answer(403, ""), Answer(500, ""), Answer(503, "<html>"), Answer(200, "<html>")]
)
def test_failed_request_is_reported_as_failure(endpoint: Endpoint, faults: FaultySpotify, answer: Answer) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, answer)
    faults.will("/api/token", Answer(503, ""))
    result = sync(endpoint, no_wait)
    assert result["batches"] == []
    assert [failure["listener_id"] for failure in result["failures"]] == ["ana"]


def test_ended_consent_fails_once_and_is_not_polled_again(endpoint: Endpoint, faults: FaultySpotify) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, Answer(401, ""))
    faults.will("/api/token", Answer(400, {"error": "invalid_grant", "error_description": "Refresh token expired"}))
    first, second = sync(endpoint, no_wait), sync(endpoint, no_wait)
    assert "must connect Spotify again" in first["failures"][0]["error"]
    assert second["failures"] == []
    assert [waiting["listener_id"] for waiting in second["reconnect"]] == ["ana"]
    assert (faults.times(RECENT), faults.times("/api/token")) == (1, 1)


def test_sync_waits_for_end_of_short_pause(endpoint: Endpoint, faults: FaultySpotify) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, Answer(429, "", {"Retry-After": "3"}), page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    waits = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        with endpoint.pool.connection() as connection:
            connection.execute("UPDATE vault.pause SET paused_until = now()")  # As if the time had passed.

    assert len(sync(endpoint, wait)["batches"]) == 1
    (seconds,) = waits
    assert 2 < seconds <= 4


def test_long_pause_fails_all_polls_after_one_request(endpoint: Endpoint, faults: FaultySpotify) -> None:
    for listener in ("ana", "ben", "chie"):
        add_connected_listener(endpoint, listener)
    faults.will(RECENT, Answer(429, {"error": {"reason": "QUOTA_EXCEEDED"}}, {"Retry-After": "86236"}))
    for _ in range(2):
        result = sync(endpoint, no_wait)
        assert [failure["listener_id"] for failure in result["failures"]] == ["ana", "ben", "chie"]
        assert all("pause until" in failure["error"] for failure in result["failures"])
    assert faults.times(RECENT) == 1
