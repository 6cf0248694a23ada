"""The operator promotes, refuses and reopens polls, and lists batches."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from apiflask import APIFlask
from werkzeug.test import TestResponse

from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import ALBUM, ARTIST, RECENT, TRACKS, add_connected_listener, page, play
from tests.flask_endpoint.web_stack import OPERATOR, MakeApp, client_of, endpoint_of

FIRST, SECOND, THIRD = (f"2026-11-20T10:{minute:02}:00.352Z" for minute in (0, 4, 8))
PASS_GATE = """
    INSERT INTO landing.check_result (batch_id, table_name, check_name, outcome)
    SELECT batch_id, 'landing.play', 'kinds are known', 'pass' FROM landing.batch AS b
    WHERE status = 'landed' AND NOT EXISTS (SELECT FROM landing.check_result AS c WHERE c.batch_id = b.batch_id)
"""

Send = Callable[..., TestResponse]
Poll = Callable[..., list[int]]


@pytest.fixture
def app(make_app: MakeApp, faults: FaultySpotify) -> APIFlask:
    made = make_app(faults.url, enrichment_per_day=0)
    add_connected_listener(endpoint_of(made), "ana")
    return made


@pytest.fixture
def operator(app: APIFlask, source: psycopg.Connection) -> Send:
    """Return a function that sends a request as the operator. First it lets each unchecked batch pass the gate."""
    browser = client_of(app)

    def send(method: str, path: str, **others: Any) -> TestResponse:
        source.execute(PASS_GATE)
        return browser.open(f"/v1/batches{path}", method=method, headers=OPERATOR, **others)

    return send


@pytest.fixture
def poll(app: APIFlask, faults: FaultySpotify) -> Poll:
    """Return a function that syncs a page of plays and returns the ids of the waiting batches."""

    def sync_page(*items: dict[str, Any]) -> list[int]:
        faults.will(RECENT, page(*items))
        return [batch["batch_id"] for batch in sync(endpoint_of(app))["batches"]]

    return sync_page


def fail_check(source: psycopg.Connection, batch_id: int) -> None:
    source.execute(
        "INSERT INTO landing.check_result (batch_id, table_name, check_name, outcome) VALUES (%s, 'landing.play', 'kinds are known', 'fail')",
        (batch_id,),
    )


def test_refused_poll_keeps_its_rows_in_landing_and_is_not_landed_again(
    operator: Send, poll: Poll, source: psycopg.Connection
) -> None:
    one = play(TRACKS[0], FIRST)
    [batch] = poll(one)
    fail_check(source, batch)
    refused = operator("POST", f"/{batch}/refuse", json={"reason": "An unknown kind."})
    assert refused.status_code == 200, refused.get_json()
    assert (refused.get_json()["status"], refused.get_json()["reason"], refused.get_json()["failed_checks"]) == (
        "refused",
        "An unknown kind.",
        ["kinds are known"],
    )
    assert poll(one) == []
    [following] = poll(play(TRACKS[1], SECOND), one)
    assert operator("POST", f"/{following}/promote").get_json()["rows_added"] == 1
    assert source.execute("SELECT batch_id FROM landing.play ORDER BY 1").fetchall() == [(batch,), (following,)]
    assert source.execute("SELECT track_id FROM raw.play").fetchall() == [(TRACKS[1],)]


def test_unchecked_batch_is_not_promoted(app: APIFlask, poll: Poll, source: psycopg.Connection) -> None:
    [batch] = poll(play(TRACKS[0], FIRST))
    promotion = f"/v1/batches/{batch}/promote"
    refused = client_of(app).post(promotion, headers=OPERATOR)
    assert (refused.status_code, "has not been checked" in refused.get_json()["error"]["message"]) == (409, True)
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (0,)
    source.execute(PASS_GATE)
    assert client_of(app).post(promotion, headers=OPERATOR).status_code == 200
    source.execute("DELETE FROM landing.check_result")
    assert client_of(app).post(promotion, headers=OPERATOR).get_json()["rows_added"] == 1, (
        "the stored counts are returned"
    )


def test_batch_of_import_cannot_be_promoted_here(operator: Send, source: psycopg.Connection) -> None:
    source.execute("INSERT INTO raw.import (listener_id, files, status) VALUES ('ana', '{}', 'landed')")
    [(batch,)] = source.execute(
        "INSERT INTO landing.batch (listener_id, kind, import_id) SELECT 'ana', 'import', max(import_id) FROM raw.import RETURNING batch_id"
    ).fetchall()
    refused = operator("POST", f"/{batch}/promote")
    assert (refused.status_code, "The import's own job promotes it" in refused.get_json()["error"]["message"]) == (
        409,
        True,
    )
    assert source.execute("SELECT status FROM landing.batch").fetchall() == [("landed",)]


def test_refused_poll_can_be_reopened_and_promoted(operator: Send, poll: Poll, source: psycopg.Connection) -> None:
    [batch] = poll(play(TRACKS[0], FIRST))
    fail_check(source, batch)
    operator("POST", f"/{batch}/refuse", json={"reason": "Not now."})
    assert operator("POST", f"/{batch}/promote").status_code == 422
    opened = operator("POST", f"/{batch}/reopen").get_json()
    assert (opened["status"], opened["reason"], opened["finished_at"], opened["failed_checks"]) == (
        "landed",
        None,
        None,
        [],
    )
    assert operator("POST", f"/{batch}/reopen").get_json()["status"] == "landed"
    assert poll(play(TRACKS[0], FIRST)) == [batch]
    assert operator("POST", f"/{batch}/promote").get_json()["rows_added"] == 1


def test_refused_poll_is_not_in_coverage(operator: Send, poll: Poll, source: psycopg.Connection) -> None:
    [first] = poll(play(TRACKS[0], FIRST))
    operator("POST", f"/{first}/promote")
    [second] = poll(play(TRACKS[0], FIRST), play(TRACKS[1], SECOND))
    [_, third] = poll(play(TRACKS[1], SECOND), play(TRACKS[2], THIRD))
    operator("POST", f"/{third}/promote")
    spans = "SELECT to_char(started_at, 'MI'), to_char(ended_at, 'MI') FROM raw.coverage ORDER BY 1"
    assert source.execute(spans).fetchall() == [("00", "00"), ("08", "08")], "the waiting poll is not covered"
    operator("POST", f"/{second}/refuse", json={"reason": "Damaged."})
    assert source.execute(spans).fetchall() == [("00", "00"), ("08", "08")]
    operator("POST", f"/{second}/reopen")
    operator("POST", f"/{second}/promote")
    assert source.execute(spans).fetchall() == [("00", "08")]


def test_refusal_needs_landed_poll_and_reason(operator: Send, poll: Poll, source: psycopg.Connection) -> None:
    [batch] = poll(play(TRACKS[0], FIRST))
    for missing in ({}, {"reason": ""}, {"reason": None}, {"reason": "a\0"}):
        assert operator("POST", f"/{batch}/refuse", json=missing).status_code == 422
    assert operator("POST", f"/{batch}/refuse", json={"reason": "  "}).status_code == 400
    operator("POST", f"/{batch}/promote")
    late = operator("POST", f"/{batch}/refuse", json={"reason": "Too late."})
    assert (late.status_code, late.get_json()["error"]["message"]) == (
        409,
        f"Batch {batch} is promoted: only a landed batch can be refused.",
    )
    assert operator("POST", f"/{batch}/reopen").status_code == 409
    assert operator("POST", "/987654/refuse", json={"reason": "Unknown."}).status_code == 404
    source.execute("INSERT INTO raw.import (listener_id, files) VALUES ('ana', '{}')")
    [(import_batch,)] = source.execute(
        "INSERT INTO landing.batch (listener_id, kind, import_id) SELECT 'ana', 'import', max(import_id) FROM raw.import RETURNING batch_id"
    ).fetchall()
    assert (
        "imports are undone"
        in operator("POST", f"/{import_batch}/refuse", json={"reason": "No."}).get_json()["error"]["message"]
    )


def test_batches_are_listed_newest_first_in_pages(operator: Send, poll: Poll) -> None:
    batches = [poll(play(TRACKS[number], moment))[-1] for number, moment in enumerate((FIRST, SECOND, THIRD))]
    operator("POST", f"/{batches[0]}/promote")
    page_one = operator("GET", "?limit=2").get_json()
    assert [batch["batch_id"] for batch in page_one["batches"]] == [batches[2], batches[1]]
    page_two = operator("GET", f"?limit=2&before={page_one['next_before']}").get_json()
    assert ([batch["batch_id"] for batch in page_two["batches"]], page_two["next_before"]) == ([batches[0]], None)
    assert [batch["batch_id"] for batch in operator("GET", "?status=promoted").get_json()["batches"]] == [batches[0]]
    assert operator("GET", "?listener_id=bob").get_json() == {"batches": [], "next_before": None}
    assert operator("GET", "?limit=0").status_code == 422


def test_second_promotion_returns_same_balance(operator: Send, poll: Poll, source: psycopg.Connection) -> None:
    [batch] = poll(play(TRACKS[0], FIRST), play(TRACKS[1], SECOND))
    first = operator("POST", f"/{batch}/promote")
    assert first.status_code == 200
    assert first.get_json() == {
        "batch_id": batch, "rows_read": 2, "rows_added": 2, "rows_matched": 0, "rows_repeated": 0, "rows_rejected": 0,
    }  # fmt: skip
    assert operator("POST", f"/{batch}/promote").get_json() == first.get_json()
    assert source.execute("SELECT artist_id, album_id, origin FROM raw.play").fetchall() == [(ARTIST, ALBUM, "api")] * 2


def test_batch_with_failed_check_is_not_promoted(operator: Send, poll: Poll, source: psycopg.Connection) -> None:
    [batch] = poll(play(TRACKS[0], FIRST))
    fail_check(source, batch)
    refused = operator("POST", f"/{batch}/promote")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (422, "gate_refused")
    assert "kinds are known" in refused.get_json()["error"]["message"]
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (0,)


def test_unknown_batch_gets_404(operator: Send) -> None:
    assert operator("POST", "/12345/promote").status_code == 404
