"""Enrichment asks about what is most played and unknown, within its budget, and never twice for nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from flask_endpoint.enrichment import enrich as enrichment
from flask_endpoint.enrichment.enrich import Pace, enrich
from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.jobs.test_jobs import job, run_worker
from tests.flask_endpoint.polling.test_sync import (
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
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import OPERATOR, client_of, endpoint_of

NOT_FOUND = Answer(404, {"error": {"status": 404, "message": "Resource not found"}})


@pytest.fixture
def heard(make_app, faults):
    """An endpoint whose only listener played the third track three times, the second twice, the first once; nothing is known."""

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
    return Answer(200, play(track_id, "x")["track"])


def asked(faults):
    return [request.path.removeprefix("/v1/") for request in faults.asked]


def test_the_most_played_is_asked_first_and_the_budget_ends_it(heard, faults, source):
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    result = enrich(heard(enrichment_per_day=2), ["ana"], no_wait)
    assert asked(faults) == [f"tracks/{TRACKS[2]}", f"tracks/{TRACKS[1]}"]
    assert (result["asked"], result["unavailable"]) == (2, 0)
    assert result["stopped"].startswith("All 2 calls of a day (ENRICHMENT_PER_DAY) are used up until ")
    assert source.execute(
        "SELECT track_id FROM raw.catalog_track WHERE fetched_at IS NOT NULL ORDER BY 1"
    ).fetchall() == [
        (TRACKS[1],),
        (TRACKS[2],),
    ]


def test_a_track_brings_its_album_and_artists_into_the_queue(heard, faults, source):
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
    result = enrich(heard(enrichment_per_day=100), ["ana"], no_wait)
    assert result["asked"] == 6
    assert source.execute(
        "SELECT title, label, release_date::text, release_precision, image_url, popularity FROM raw.catalog_album"
    ).fetchall() == [("Horses", "Arista", "1975-01-01", "year", None, None)]
    artists = source.execute(
        "SELECT name, genres, followers, image_url FROM raw.catalog_artist WHERE fetched_at IS NOT NULL ORDER BY 1"
    ).fetchall()
    assert artists[0] == ("One", ["punk"], None, None)
    assert (artists[1][0], artists[1][2:]) == ("Two", (None, None))


def test_what_spotify_does_not_have_is_recorded_and_not_asked_again(heard, faults, source):
    endpoint = heard(enrichment_per_day=100)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", NOT_FOUND)
    assert enrich(endpoint, ["ana"], no_wait) == {"asked": 3, "unavailable": 3, "stopped": None, "until": None}
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 0
    source.execute("UPDATE raw.unavailable SET retry_at = retry_at - interval '30 days'")
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 3


def test_a_pause_stops_it_and_keeps_what_was_learnt(heard, faults, source):
    endpoint = heard(enrichment_per_day=100)
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
    assert len(faults.asked) == calls, "nobody asks while the pause lasts"


def test_every_field_may_be_null_and_an_answer_under_another_id_is_kept_under_ours(heard, faults, source):
    endpoint = heard(enrichment_per_day=100)
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


def test_when_one_consent_ended_the_next_listeners_is_used(heard, faults):
    endpoint = heard(enrichment_per_day=1)
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    assert enrich(endpoint, ["nobody", "ana"], no_wait)["asked"] == 1
    assert enrich(endpoint, [], no_wait)["stopped"].startswith("Nobody is connected")


USELESS = {
    "not registered": Answer(403, "User not registered in the Developer Dashboard"),
    "rejected for good": Answer(401, ""),
}


@pytest.mark.parametrize("answer", USELESS.values(), ids=USELESS.keys())
@pytest.mark.parametrize("token", [Answer(200, {"access_token": "n", "expires_in": 3600}), Answer(200, "<html>")])
def test_a_listener_in_whose_name_nothing_can_be_asked_does_not_hold_up_the_others(
    heard, faults, source, answer, token
):
    endpoint = heard(enrichment_per_day=100)
    add_connected_listener(endpoint, "ben")
    faults.will("/api/token", token)
    is_last_try = answer.status == 401 and token.body != "<html>"
    faults.will(f"/v1/tracks/{TRACKS[2]}", *[answer] * (2 if is_last_try else 1), track(TRACKS[2]))
    faults.will(f"/v1/tracks/{TRACKS[1]}", NOT_FOUND)
    faults.will(f"/v1/tracks/{TRACKS[0]}", NOT_FOUND)
    assert enrich(endpoint, ["ana", "ben"], no_wait, most=3)["asked"] == 3
    assert source.execute("SELECT item_id FROM raw.unavailable ORDER BY 1").fetchall() == [(TRACKS[0],), (TRACKS[1],)]


@pytest.mark.parametrize("answer", USELESS.values(), ids=USELESS.keys())
def test_when_nobodys_name_will_do_nothing_is_set_aside_and_it_says_why(heard, faults, source, answer):
    endpoint = heard(enrichment_per_day=100)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", answer)
    faults.will("/api/token", Answer(200, "<html>"))
    result = enrich(endpoint, ["nobody", "ana"], no_wait)
    assert (result["asked"], result["unavailable"], "Spotify" in result["stopped"]) == (0, 0, True)
    assert source.execute("SELECT count(*) FROM raw.unavailable").fetchone() == (0,)


def test_a_token_that_cannot_be_read_does_not_hold_up_the_others(heard, faults, source):
    endpoint = heard(enrichment_per_day=1)
    add_connected_listener(endpoint, "aba")
    source.execute("UPDATE vault.token SET access_token = 'x', refresh_token = 'x' WHERE listener_id = 'aba'")
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    assert enrich(endpoint, ["aba", "ana"], no_wait)["asked"] == 1


def test_a_sync_outlives_any_failure_of_enrichment(heard, faults, source):
    endpoint = heard(enrichment_per_day=100)
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-21T10:00:00.000Z")))
    source.execute("ALTER TABLE raw.catalog_calls RENAME TO calls_away")
    result = sync(endpoint, no_wait)
    assert len(result["batches"]) == 1
    assert "failed unexpectedly" in result["enrichment"]["stopped"]


def test_an_item_that_spotify_fails_at_is_set_aside_and_the_next_is_asked(heard, faults, source):
    endpoint = heard(enrichment_per_day=100)
    faults.will(f"/v1/tracks/{TRACKS[2]}", Answer(502, "Bad gateway"))
    faults.will(f"/v1/tracks/{TRACKS[1]}", track(TRACKS[1]))
    faults.will(f"/v1/tracks/{TRACKS[0]}", track(TRACKS[0]))
    assert enrich(endpoint, ["ana"], no_wait, most=3) == {"asked": 3, "unavailable": 1, "stopped": None, "until": None}
    [(broken, soon)] = source.execute(
        "SELECT item_id, retry_at BETWEEN now() AND now() + interval '1 hour' FROM raw.unavailable"
    )
    assert (broken, soon) == (TRACKS[2], True), "a failure is no answer: it is asked again soon"


def test_when_spotify_fails_at_everything_it_is_left_alone(heard, faults, source):
    endpoint = heard(enrichment_per_day=100)
    source.execute(
        "INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin) "
        "VALUES ('p', 'ana', now(), 'track', '0000000000000000000004', false, 'extended')"
    )
    for track_id in (*TRACKS, "0000000000000000000004"):
        faults.will(f"/v1/tracks/{track_id}", Answer(503, ""))
    assert enrich(endpoint, ["ana"], no_wait)["stopped"] == "Spotify answered 503. Try again later."
    assert len(faults.asked) == enrichment.MOST_FAILURES


def test_the_budget_counts_the_calls_of_the_last_24_hours_whoever_made_them(heard, faults, source, make_app):
    endpoint = heard(enrichment_per_day=5)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    source.execute(
        "INSERT INTO raw.catalog_calls VALUES (date_trunc('minute', now() - interval '25 hours'), 100), "
        "(date_trunc('minute', now() - interval '23 hours'), 3), (date_trunc('minute', now() - interval '1 hour'), 1)"
    )
    result = enrich(endpoint, ["ana"], no_wait)
    assert result["asked"] == 1
    left = datetime.fromisoformat(result["until"]) - datetime.now(UTC)
    assert timedelta(minutes=59) < left <= timedelta(minutes=61), "when the three calls of 23 hours ago no longer count"
    after_a_restart = endpoint_of(make_app(faults.url, enrichment_per_day=5, token_key=_key(endpoint)))
    assert enrich(after_a_restart, ["ana"], no_wait)["asked"] == 0
    assert (
        enrich(endpoint_of(make_app(faults.url, enrichment_per_day=6, token_key=_key(endpoint))), ["ana"], no_wait)[
            "asked"
        ]
        == 1
    ), "a larger budget"


def test_a_persons_question_counts_and_is_never_refused(heard, faults, make_app, source):
    endpoint = heard(enrichment_per_day=1)
    app = make_app(faults.url, enrichment_per_day=1, token_key=_key(endpoint))
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    for _ in range(2):
        assert client_of(app).get(f"/v1/tracks/{TRACKS[2]}").status_code == 200
    assert source.execute("SELECT sum(call_count) FROM raw.catalog_calls").fetchone() == (2,)
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 0


def test_a_budget_of_none_asks_nothing_and_says_so(heard, faults):
    result = enrich(heard(enrichment_per_day=0), ["ana"], no_wait)
    assert (result["asked"], result["until"], faults.asked) == (0, None, [])
    assert "ENRICHMENT_PER_DAY is 0" in result["stopped"]


def test_a_sync_asks_for_a_minute_and_leaves_the_rest_to_the_next(heard, faults):
    endpoint = heard(enrichment_per_minute=2, enrichment_per_day=100)
    faults.will(RECENT, page())
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    assert sync(endpoint, lambda seconds: None)["enrichment"]["asked"] == 2


def test_one_run_asks_at_a_time(heard, faults):
    endpoint = heard(enrichment_per_day=100)
    with enrichment._alone(endpoint) as is_alone:
        assert is_alone
        assert enrich(endpoint, ["ana"], no_wait)["stopped"] == "Another run is asking Spotify already."
    assert faults.asked == []


def test_a_run_that_is_cut_off_keeps_what_it_learnt_so_far(heard, faults, source, monkeypatch):
    endpoint = heard(enrichment_per_minute=60, enrichment_per_day=100)
    monkeypatch.setattr(enrichment, "STORED_AFTER", 0)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", track(track_id))
    held = []

    def look(seconds):
        held.append(source.execute("SELECT count(*) FROM raw.catalog_track WHERE fetched_at IS NOT NULL").fetchone()[0])

    enrich(endpoint, ["ana"], look, most=3)
    assert held == [1, 2]


def test_the_state_of_the_queue_is_told_and_a_job_goes_on_with_it(heard, faults, make_app, source):
    endpoint = heard(enrichment_per_minute=0, enrichment_per_day=2)
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


def test_a_pause_of_spotifys_is_part_of_the_state(heard, faults, make_app):
    endpoint = heard(enrichment_per_day=100)
    faults.will(f"/v1/tracks/{TRACKS[2]}", Answer(429, {"error": {"status": 429, "reason": "QUOTA_EXCEEDED"}}))
    stopped = enrich(endpoint, ["ana"], no_wait)
    state = client_of(make_app(faults.url)).get("/v1/enrichment", headers=OPERATOR).json
    assert "QUOTA_EXCEEDED" in state["reason"]
    assert datetime.fromisoformat(state["paused_until"]) == datetime.fromisoformat(stopped["until"])


def test_calls_are_kept_apart():
    waited = []
    pace = Pace(60, waited.append)
    for _ in range(3):
        pace.keep()
    assert len(waited) == 2
    assert 0.9 < waited[0] <= 1
    assert 1.9 < waited[1] <= 2, "the first wait took no time here"
    unlimited = Pace(0, no_wait)
    for _ in range(3):
        unlimited.keep()
