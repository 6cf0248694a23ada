"""Enrichment continues after a failed item or token if it can, and requests failed items again later."""

from collections.abc import Callable

import psycopg
import pytest

from flask_endpoint.context import Endpoint
from flask_endpoint.enrichment import enrich as enrichment
from flask_endpoint.enrichment.enrich import enrich
from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.enrichment.answers import NOT_FOUND, track
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, add_connected_listener, no_wait, page, play


def test_missing_item_is_requested_again_only_after_30_days(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", NOT_FOUND)
    assert enrich(endpoint, ["ana"], no_wait) == {"asked": 3, "unavailable": 3, "stopped": None, "until": None}
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 0
    source.execute("UPDATE raw.unavailable SET retry_at = retry_at - interval '30 days'")
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 3


def test_run_uses_the_next_listener_without_a_token(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify
) -> None:
    endpoint = make_endpoint(enrichment_per_day=1)
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    assert enrich(endpoint, ["nobody", "ana"], no_wait)["asked"] == 1
    assert enrich(endpoint, [], no_wait)["stopped"].startswith("No listener is connected")


TOKEN_FAILURES = {
    "not registered": Answer(403, "User not registered in the Developer Dashboard"),
    "rejected": Answer(401, ""),
}


@pytest.mark.parametrize("answer", TOKEN_FAILURES.values(), ids=TOKEN_FAILURES.keys())
@pytest.mark.parametrize("token", [Answer(200, {"access_token": "n", "expires_in": 3600}), Answer(200, "<html>")])
def test_run_continues_with_another_listener_after_a_token_failure(
    make_endpoint: Callable[..., Endpoint],
    faults: FaultySpotify,
    source: psycopg.Connection,
    answer: Answer,
    token: Answer,
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    add_connected_listener(endpoint, "ben")
    faults.will("/api/token", token)
    is_last_try = answer.status == 401 and token.body != "<html>"
    faults.will(f"/v1/tracks/{TRACKS[2]}", *[answer] * (2 if is_last_try else 1), track(TRACKS[2]))
    faults.will(f"/v1/tracks/{TRACKS[1]}", NOT_FOUND)
    faults.will(f"/v1/tracks/{TRACKS[0]}", NOT_FOUND)
    assert enrich(endpoint, ["ana", "ben"], no_wait, max_items=3)["asked"] == 3
    assert source.execute("SELECT item_id FROM raw.unavailable ORDER BY 1").fetchall() == [(TRACKS[0],), (TRACKS[1],)]


@pytest.mark.parametrize("answer", TOKEN_FAILURES.values(), ids=TOKEN_FAILURES.keys())
def test_run_without_a_working_token_marks_nothing_unavailable_and_returns_the_reason(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection, answer: Answer
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", answer)
    faults.will("/api/token", Answer(200, "<html>"))
    result = enrich(endpoint, ["nobody", "ana"], no_wait)
    assert (result["asked"], result["unavailable"], "Spotify" in result["stopped"]) == (0, 0, True)
    assert source.execute("SELECT count(*) FROM raw.unavailable").fetchone() == (0,)


def test_run_skips_a_token_that_cannot_be_decrypted(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=1)
    add_connected_listener(endpoint, "aba")
    source.execute("UPDATE vault.token SET access_token = 'x', refresh_token = 'x' WHERE listener_id = 'aba'")
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    assert enrich(endpoint, ["aba", "ana"], no_wait)["asked"] == 1


def test_sync_succeeds_when_enrichment_fails(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-21T10:00:00.000Z")))
    source.execute("ALTER TABLE raw.catalog_calls RENAME TO calls_away")
    result = sync(endpoint, no_wait)
    assert len(result["batches"]) == 1
    assert "failed unexpectedly" in result["enrichment"]["stopped"]


def test_run_continues_after_one_failed_item(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    faults.will(f"/v1/tracks/{TRACKS[2]}", Answer(502, "Bad gateway"))
    faults.will(f"/v1/tracks/{TRACKS[1]}", track(TRACKS[1]))
    faults.will(f"/v1/tracks/{TRACKS[0]}", track(TRACKS[0]))
    assert enrich(endpoint, ["ana"], no_wait, max_items=3) == {
        "asked": 3,
        "unavailable": 1,
        "stopped": None,
        "until": None,
    }
    [(broken, soon)] = source.execute(
        "SELECT item_id, retry_at BETWEEN now() AND now() + interval '1 hour' FROM raw.unavailable"
    )
    assert (broken, soon) == (TRACKS[2], True), "a failed item is retried soon"


def test_run_ends_after_several_failures_in_a_row(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    source.execute(
        "INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin) "
        "VALUES ('p', 'ana', now(), 'track', '0000000000000000000004', false, 'extended')"
    )
    for track_id in (*TRACKS, "0000000000000000000004"):
        faults.will(f"/v1/tracks/{track_id}", Answer(503, ""))
    assert enrich(endpoint, ["ana"], no_wait)["stopped"] == "Spotify answered 503. Try again later."
    assert len(faults.asked) == enrichment.MAX_CONSECUTIVE_FAILURES
