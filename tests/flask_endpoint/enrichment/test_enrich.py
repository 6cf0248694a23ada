"""Enrichment requests the most played unknown items first, within its budget, and retries failed items later."""

from datetime import UTC, datetime, timedelta

import pytest

from flask_endpoint.enrichment import enrich as enrichment
from flask_endpoint.enrichment.enrich import Pace, enrich
from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.jobs.running import job, run_worker
from tests.flask_endpoint.polled_plays import (
    ALBUM,
    ARTIST,
    GUEST,
    RECENT,
    TRACKS,
    add_connected_listener,
    no_wait,
    page,
    play,
    promote_all,
)
from tests.flask_endpoint.web_stack import OPERATOR, client_of, endpoint_of

NOT_FOUND = Answer(404, {"error": {"status": 404, "message": "Resource not found"}})


@pytest.fixture
def make_endpoint(make_app, faults):
    """Return a function that makes an endpoint. Its listener played the third track three times, the second twice and the first once.
    The catalog is empty."""

    def make(**settings):
        endpoint = endpoint_of(make_app(faults.url, **{"enrichment_per_day": 0, **settings}))
        add_connected_listener(endpoint, "ana")
        plays = [play(TRACKS[n], f"2026-11-20T1{n}:0{m}:00.000Z") for n in range(3) for m in range(n + 1)]
        faults.will(RECENT, page(*plays))
        with endpoint.pool.connection() as connection:
            promote_all(
                endpoint,
                sync(endpoint_of(make_app(faults.url, enrichment_per_day=0, token_key=_key(endpoint))), no_wait),
            )
            for kind in ("track", "album", "artist"):
                connection.execute(f"DELETE FROM raw.catalog_{kind}")
        faults.asked.clear()
        return endpoint

    return make


def _key(endpoint):
    return endpoint.settings.token_key.get_secret_value()


def track(track_id):
    """Return Spotify's answer for a track."""
    return Answer(200, play(track_id, "x")["track"])


def requested_paths(faults):
    """Return the paths that were requested, without the API's version."""
    return [request.path.removeprefix("/v1/") for request in faults.asked]


def test_run_requests_most_played_tracks_until_the_budget_is_spent(make_endpoint, faults, source):
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


def test_fetched_track_adds_its_album_and_artists_to_the_queue(make_endpoint, faults, source):
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


def test_missing_item_is_requested_again_only_after_30_days(make_endpoint, faults, source):
    endpoint = make_endpoint(enrichment_per_day=100)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", NOT_FOUND)
    assert enrich(endpoint, ["ana"], no_wait) == {"asked": 3, "unavailable": 3, "stopped": None, "until": None}
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 0
    source.execute("UPDATE raw.unavailable SET retry_at = retry_at - interval '30 days'")
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 3


def test_pause_ends_the_run_and_keeps_its_answers(make_endpoint, faults, source):
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
    make_endpoint, faults, source
):
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


def test_run_uses_the_next_listener_without_a_token(make_endpoint, faults):
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
def test_run_continues_with_another_listener_after_a_token_failure(make_endpoint, faults, source, answer, token):
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
    make_endpoint, faults, source, answer
):
    endpoint = make_endpoint(enrichment_per_day=100)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", answer)
    faults.will("/api/token", Answer(200, "<html>"))
    result = enrich(endpoint, ["nobody", "ana"], no_wait)
    assert (result["asked"], result["unavailable"], "Spotify" in result["stopped"]) == (0, 0, True)
    assert source.execute("SELECT count(*) FROM raw.unavailable").fetchone() == (0,)


def test_run_skips_a_token_that_cannot_be_decrypted(make_endpoint, faults, source):
    endpoint = make_endpoint(enrichment_per_day=1)
    add_connected_listener(endpoint, "aba")
    source.execute("UPDATE vault.token SET access_token = 'x', refresh_token = 'x' WHERE listener_id = 'aba'")
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    assert enrich(endpoint, ["aba", "ana"], no_wait)["asked"] == 1


def test_sync_succeeds_when_enrichment_fails(make_endpoint, faults, source):
    endpoint = make_endpoint(enrichment_per_day=100)
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-21T10:00:00.000Z")))
    source.execute("ALTER TABLE raw.catalog_calls RENAME TO calls_away")
    result = sync(endpoint, no_wait)
    assert len(result["batches"]) == 1
    assert "failed unexpectedly" in result["enrichment"]["stopped"]


def test_run_continues_after_one_failed_item(make_endpoint, faults, source):
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


def test_run_ends_after_several_failures_in_a_row(make_endpoint, faults, source):
    endpoint = make_endpoint(enrichment_per_day=100)
    source.execute(
        "INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin) "
        "VALUES ('p', 'ana', now(), 'track', '0000000000000000000004', false, 'extended')"
    )
    for track_id in (*TRACKS, "0000000000000000000004"):
        faults.will(f"/v1/tracks/{track_id}", Answer(503, ""))
    assert enrich(endpoint, ["ana"], no_wait)["stopped"] == "Spotify answered 503. Try again later."
    assert len(faults.asked) == enrichment.MAX_CONSECUTIVE_FAILURES


def test_budget_counts_calls_of_all_processes_in_the_last_24_hours(make_endpoint, faults, source, make_app):
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
    after_a_restart = endpoint_of(make_app(faults.url, enrichment_per_day=5, token_key=_key(endpoint)))
    assert enrich(after_a_restart, ["ana"], no_wait)["asked"] == 0
    assert (
        enrich(endpoint_of(make_app(faults.url, enrichment_per_day=6, token_key=_key(endpoint))), ["ana"], no_wait)[
            "asked"
        ]
        == 1
    ), "a larger budget"


def test_call_of_a_person_counts_and_is_never_refused(make_endpoint, faults, make_app, source):
    endpoint = make_endpoint(enrichment_per_day=1)
    app = make_app(faults.url, enrichment_per_day=1, token_key=_key(endpoint))
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    for _ in range(2):
        assert client_of(app).get(f"/v1/tracks/{TRACKS[2]}").status_code == 200
    assert source.execute("SELECT sum(call_count) FROM raw.catalog_calls").fetchone() == (2,)
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 0


def test_budget_of_zero_makes_no_request_and_returns_the_reason(make_endpoint, faults):
    result = enrich(make_endpoint(enrichment_per_day=0), ["ana"], no_wait)
    assert (result["asked"], result["until"], faults.asked) == (0, None, [])
    assert "ENRICHMENT_PER_DAY is 0" in result["stopped"]


def test_sync_requests_at_most_one_minute_of_items(make_endpoint, faults):
    endpoint = make_endpoint(enrichment_per_minute=2, enrichment_per_day=100)
    faults.will(RECENT, page())
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    assert sync(endpoint, lambda seconds: None)["enrichment"]["asked"] == 2


def test_second_run_does_not_start_during_a_run(make_endpoint, faults):
    endpoint = make_endpoint(enrichment_per_day=100)
    with enrichment._enrichment_lock(endpoint) as is_locked:
        assert is_locked
        assert enrich(endpoint, ["ana"], no_wait)["stopped"] == "Another enrichment run is in progress."
    assert faults.asked == []


def test_run_stores_answers_before_it_ends(make_endpoint, faults, source, monkeypatch):
    endpoint = make_endpoint(enrichment_per_minute=60, enrichment_per_day=100)
    monkeypatch.setattr(enrichment, "STORE_INTERVAL", 0)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    stored_counts = []

    def count_stored(seconds):
        stored_counts.append(
            source.execute("SELECT count(*) FROM raw.catalog_track WHERE fetched_at IS NOT NULL").fetchone()[0]
        )

    enrich(endpoint, ["ana"], count_stored, max_items=3)
    assert stored_counts == [1, 2]


def test_api_and_page_show_the_queue_and_a_job_continues_it(make_endpoint, faults, make_app, source):
    endpoint = make_endpoint(enrichment_per_minute=0, enrichment_per_day=2)
    app = make_app(faults.url, enrichment_per_minute=0, enrichment_per_day=2, token_key=_key(endpoint))
    operator = client_of(app)
    nothing = {"known": 0, "waiting": 0, "failed": 0}
    before = operator.get("/v1/enrichment", headers=OPERATOR).json
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
    assert operator.post("/v1/enrichment", headers=OPERATOR).json == queued.json
    run_worker(app)
    done = job(operator, queued.json["job_id"])
    assert (done["status"], done["result"]["asked"]) == ("succeeded", 2)
    after = operator.get("/v1/enrichment", headers=OPERATOR).json
    assert after["tracks"] == {"known": 1, "waiting": 1, "failed": 1}
    assert (after["albums"]["waiting"], after["artists"]["waiting"]) == (1, 2)
    assert (after["calls_today"], after["paused_until"] is not None) == (2, True)
    assert after["reason"] == done["result"]["stopped"]
    assert after["reason"] in operator.get("/").get_data(as_text=True)


def test_state_contains_a_pause_by_spotify(make_endpoint, faults, make_app):
    endpoint = make_endpoint(enrichment_per_day=100)
    faults.will(f"/v1/tracks/{TRACKS[2]}", Answer(429, {"error": {"status": 429, "reason": "QUOTA_EXCEEDED"}}))
    stopped = enrich(endpoint, ["ana"], no_wait)
    state = client_of(make_app(faults.url)).get("/v1/enrichment", headers=OPERATOR).json
    assert "QUOTA_EXCEEDED" in state["reason"]
    assert datetime.fromisoformat(state["paused_until"]) == datetime.fromisoformat(stopped["until"])


def test_pace_spreads_calls_over_the_minute():
    waited = []
    pace = Pace(60, waited.append)
    for _ in range(3):
        pace.wait_for_turn()
    assert len(waited) == 2
    assert 0.9 < waited[0] <= 1
    assert 1.9 < waited[1] <= 2, "the first wait took no time here"
    unlimited = Pace(0, no_wait)
    for _ in range(3):
        unlimited.wait_for_turn()
