"""Enrichment requests the most played unknown items first and stores the answers. The API and the start page show its queue."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from flask_endpoint.context import Endpoint
from flask_endpoint.enrichment import enrich as enrichment
from flask_endpoint.enrichment.enrich import enrich
from tests.flask_endpoint.enrichment.answers import NOT_FOUND, key_of, track
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.jobs.running import job, run_worker
from tests.flask_endpoint.polled_plays import ALBUM, ARTIST, GUEST, TRACKS, no_wait
from tests.flask_endpoint.web_stack import OPERATOR, MakeApp, client_of


def requested_paths(faults: FaultySpotify) -> list[str]:
    """Return the paths that were requested, without the API's version."""
    return [request.path.removeprefix("/v1/") for request in faults.asked]


def test_run_requests_most_played_tracks_until_the_budget_is_spent(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    result = enrich(make_endpoint(enrichment_per_day=2), ["ana"], no_wait)
    assert requested_paths(faults) == [f"tracks/{TRACKS[2]}", f"tracks/{TRACKS[1]}"]
    assert (result["asked"], result["unavailable"]) == (2, 0)
    assert result["stopped"].startswith("All 2 calls of a day (ENRICHMENT_PER_DAY) are used up until ")
    assert source.execute(
        "SELECT track_id FROM raw.catalog_track WHERE fetched_at IS NOT NULL ORDER BY 1"
    ).fetchall() == [
        (TRACKS[1],),
        (TRACKS[2],),
    ]


def test_fetched_track_adds_its_album_and_artists_to_the_queue(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    faults.will(
        f"/v1/albums/{ALBUM}",
        Answer(
            200,
            {
                "id": ALBUM,
                "name": "Horses",
                "release_date": "1975",
                "total_tracks": 8,
                "label": "Arista",
                "artists": [{"id": ARTIST, "name": "One"}],
            },
        ),
    )
    faults.will(
        f"/v1/artists/{ARTIST}",
        Answer(200, {"id": ARTIST, "name": "One", "images": [], "genres": ["punk"], "followers": None}),
    )
    faults.will(f"/v1/artists/{GUEST}", Answer(200, {"id": GUEST, "name": "Two"}))
    result = enrich(make_endpoint(enrichment_per_day=100), ["ana"], no_wait)
    assert result["asked"] == 6
    assert source.execute(
        "SELECT title, label, release_date::text, release_precision, image_url, popularity FROM raw.catalog_album"
    ).fetchall() == [("Horses", "Arista", "1975-01-01", "year", None, None)]
    artists = source.execute(
        "SELECT name, genres, followers, image_url FROM raw.catalog_artist WHERE fetched_at IS NOT NULL ORDER BY 1"
    ).fetchall()
    assert artists[0] == ("One", ["punk"], None, None)
    assert (artists[1][0], artists[1][2:]) == ("Two", (None, None))


def test_pause_ends_the_run_and_keeps_its_answers(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    faults.will(f"/v1/tracks/{TRACKS[1]}", Answer(429, "", {"Retry-After": "86236"}))
    result = enrich(endpoint, ["ana"], no_wait)
    assert (result["asked"], "pause until" in result["stopped"]) == (1, True)
    assert timedelta(hours=23) < datetime.fromisoformat(result["until"]) - datetime.now(UTC) < timedelta(hours=24)
    assert source.execute("SELECT track_id FROM raw.catalog_track WHERE fetched_at IS NOT NULL").fetchall() == [
        (TRACKS[2],)
    ]
    calls = len(faults.asked)
    enrich(endpoint, ["ana"], no_wait)
    assert len(faults.asked) == calls, "no request is made during the pause"


def test_null_fields_are_accepted_and_answer_with_another_id_is_stored_under_the_requested_id(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    names = ["album", "artists", "duration_ms", "explicit", "popularity", "external_ids", "track_number", "disc_number"]
    faults.will(
        f"/v1/tracks/{TRACKS[2]}", Answer(200, {"id": "0000000000000000000009", "name": "Twin", **dict.fromkeys(names)})
    )
    faults.will(f"/v1/tracks/{TRACKS[1]}", Answer(200, {"id": TRACKS[1], "name": None}))
    faults.will(f"/v1/tracks/{TRACKS[0]}", Answer(200, {}))
    assert enrich(endpoint, ["ana"], no_wait) == {"asked": 3, "unavailable": 2, "stopped": None, "until": None}
    assert source.execute(
        "SELECT track_id, title, album_id, artist_ids, duration_ms FROM raw.catalog_track"
    ).fetchall() == [(TRACKS[2], "Twin", None, [], None)]


def test_second_run_does_not_start_during_a_run(make_endpoint: Callable[..., Endpoint], faults: FaultySpotify) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    with enrichment._enrichment_lock(endpoint) as is_locked:
        assert is_locked
        assert enrich(endpoint, ["ana"], no_wait)["stopped"] == "Another enrichment run is in progress."
    assert faults.asked == []


def test_run_stores_answers_before_it_ends(
    make_endpoint: Callable[..., Endpoint],
    faults: FaultySpotify,
    source: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint = make_endpoint(enrichment_per_minute=60, enrichment_per_day=100)
    monkeypatch.setattr(enrichment, "STORE_INTERVAL", 0)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    stored_counts: list[int] = []

    def count_stored(seconds: float) -> None:
        [(stored,)] = source.execute("SELECT count(*) FROM raw.catalog_track WHERE fetched_at IS NOT NULL")
        stored_counts.append(stored)

    enrich(endpoint, ["ana"], count_stored, max_items=3)
    assert stored_counts == [0, 1, 2]  # Before each of the three requests.


def test_api_and_page_show_the_queue_and_a_job_continues_it(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, make_app: MakeApp, source: psycopg.Connection
) -> None:
    endpoint = make_endpoint(enrichment_per_minute=0, enrichment_per_day=2)
    app = make_app(faults.url, enrichment_per_minute=0, enrichment_per_day=2, token_key=key_of(endpoint))
    operator = client_of(app)
    nothing = {"known": 0, "waiting": 0, "failed": 0}
    before = operator.get("/v1/enrichment", headers=OPERATOR).get_json()
    assert before == {
        "tracks": {"known": 0, "waiting": 3, "failed": 0}, "albums": nothing, "artists": nothing,
        "calls_today": 0, "calls_per_day": 2, "calls_per_minute": None, "days_left": 2, "paused_until": None, "reason": None,
        "next": [{"item_kind": "track", "item_id": TRACKS[n], "play_count": n + 1} for n in (2, 1, 0)],
    }  # fmt: skip
    assert "3 tracks, 0 albums and 0 artists" in operator.get("/").get_data(as_text=True)
    assert "about 2 days at 2 calls a day" in operator.get("/").get_data(as_text=True)
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    faults.will(f"/v1/tracks/{TRACKS[1]}", NOT_FOUND)
    queued = operator.post("/v1/enrichment", headers=OPERATOR)
    assert queued.status_code == 202
    assert operator.post("/v1/enrichment", headers=OPERATOR).get_json() == queued.get_json()
    run_worker(app)
    done = job(operator, queued.get_json()["job_id"])
    assert (done["status"], done["result"]["asked"]) == ("succeeded", 2)
    after = operator.get("/v1/enrichment", headers=OPERATOR).get_json()
    assert after["tracks"] == {"known": 1, "waiting": 1, "failed": 1}
    assert (after["albums"]["waiting"], after["artists"]["waiting"]) == (1, 2)
    assert (after["calls_today"], after["paused_until"] is not None) == (2, True)
    assert after["reason"] == done["result"]["stopped"]
    assert after["reason"] in operator.get("/").get_data(as_text=True)


def test_state_contains_a_pause_by_spotify(
    make_endpoint: Callable[..., Endpoint], faults: FaultySpotify, make_app: MakeApp
) -> None:
    endpoint = make_endpoint(enrichment_per_day=100)
    faults.will(f"/v1/tracks/{TRACKS[2]}", Answer(429, {"error": {"status": 429, "reason": "QUOTA_EXCEEDED"}}))
    stopped = enrich(endpoint, ["ana"], no_wait)
    state = client_of(make_app(faults.url)).get("/v1/enrichment", headers=OPERATOR).get_json()
    assert "QUOTA_EXCEEDED" in state["reason"]
    assert datetime.fromisoformat(state["paused_until"]) == datetime.fromisoformat(stopped["until"])
