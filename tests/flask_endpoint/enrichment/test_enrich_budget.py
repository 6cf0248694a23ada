"""The budget of enrichment: calls of all processes in a day and in a minute, and the pace of one run."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from flask_endpoint.context import Endpoint
from flask_endpoint.enrichment.enrich import Pace, enrich
from flask_endpoint.polling import sync as polling
from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.enrichment.answers import key_of, track
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, no_wait, page
from tests.flask_endpoint.web_stack import MakeApp, client_of, endpoint_of


def test_budget_counts_calls_of_all_processes_in_the_last_24_hours(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection, make_app: MakeApp
) -> None:
    endpoint = make_endpoint(enrichment_per_day=5)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    source.execute(
        "INSERT INTO raw.catalog_calls VALUES (date_trunc('minute', now() - interval '25 hours'), 100), "
        "(date_trunc('minute', now() - interval '23 hours'), 3), (date_trunc('minute', now() - interval '1 hour'), 1)"
    )
    result = enrich(endpoint, ["ana"], no_wait)
    assert result["asked"] == 1
    left = datetime.fromisoformat(result["until"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=61), (
        "until the three calls of 23 hours ago no longer count"
    )
    after_a_restart = endpoint_of(make_app(faults.url, enrichment_per_day=5, token_key=key_of(endpoint)))
    assert enrich(after_a_restart, ["ana"], no_wait)["asked"] == 0
    assert (
        enrich(endpoint_of(make_app(faults.url, enrichment_per_day=6, token_key=key_of(endpoint))), ["ana"], no_wait)[
            "asked"
        ]
        == 1
    ), "a larger budget"


def test_call_of_a_person_counts_and_is_never_refused(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, make_app: MakeApp, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=1)
    app = make_app(faults.url, enrichment_per_day=1, token_key=key_of(endpoint))
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    for _ in range(2):
        assert client_of(app).get(f"/v1/tracks/{TRACKS[2]}").status_code == 200
    assert source.execute("SELECT sum(call_count) FROM raw.catalog_calls").fetchone() == (2,)
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 0


def test_budget_of_zero_makes_no_request_and_returns_the_reason(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify
) -> None:
    result = enrich(make_endpoint(enrichment_per_day=0), ["ana"], no_wait)
    assert (result["asked"], result["until"], faults.asked) == (0, None, [])
    assert "ENRICHMENT_PER_DAY is 0" in result["stopped"]


def test_sync_requests_at_most_one_minute_of_items(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify
) -> None:
    endpoint = make_endpoint(enrichment_per_minute=2, enrichment_per_day=100)
    faults.will(RECENT, page())
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    assert sync(endpoint, lambda seconds: None)["enrichment"]["asked"] == 2


def test_sync_does_not_delay_the_load_by_a_long_queue(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "ENRICHMENT_TIME", 0)
    faults.will(RECENT, page())
    result = sync(make_endpoint(enrichment_per_minute=0, enrichment_per_day=100), no_wait)
    assert [asked.path for asked in faults.asked] == [RECENT], "the plays were polled, and no item was requested"
    assert result["enrichment"] == {
        "asked": 0, "unavailable": 0, "stopped": "The time for this run is over. The next one continues.", "until": None,
    }  # fmt: skip


def test_pace_spreads_calls_over_the_minute() -> None:
    waited: list[float] = []
    pace = Pace(60, waited.append)
    for _ in range(3):
        pace.wait_for_turn()
    assert len(waited) == 3 and waited[0] == 0
    assert 0.9 < waited[1] <= 1
    assert 1.9 < waited[2] <= 2, "the earlier waits took no time here"
    unlimited = Pace(0, no_wait)
    for _ in range(3):
        unlimited.wait_for_turn()
