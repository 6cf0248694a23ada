"""Enrichment asks about what is most played and unknown, within its budget, and never twice for nothing."""

import pytest

from flask_endpoint.enrichment import Pace, enrich
from flask_endpoint.sync import sync
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.test_sync import ALBUM, ARTIST, GUEST, RECENT, TRACKS, keep, no_wait, page, play, promote_all
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import endpoint_of

NOT_FOUND = Answer(404, {"error": {"status": 404, "message": "Resource not found"}})


@pytest.fixture
def heard(make_app, faults):
    """An endpoint whose only listener played the third track three times, the second twice, the first once; nothing is known."""

    def make(**settings):
        endpoint = endpoint_of(make_app(faults.url, **{"enrichment_per_sync": 0, **settings}))
        keep(endpoint, "ana")
        plays = [play(TRACKS[n], f"2026-11-20T1{n}:0{m}:00.000Z") for n in range(3) for m in range(n + 1)]
        faults.will(RECENT, page(*plays))
        with endpoint.pool.connection() as connection:
            promote_all(
                endpoint,
                sync(endpoint_of(make_app(faults.url, enrichment_per_sync=0, token_key=_key(endpoint))), no_wait),
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
    result = enrich(heard(enrichment_per_sync=2), ["ana"], no_wait)
    assert asked(faults) == [f"tracks/{TRACKS[2]}", f"tracks/{TRACKS[1]}"]
    assert result == {"asked": 2, "unavailable": 0, "stopped": None}
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
    result = enrich(heard(enrichment_per_sync=100), ["ana"], no_wait)
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
    endpoint = heard(enrichment_per_sync=100)
    for track_id in TRACKS:
        faults.will(f"/v1/tracks/{track_id}", NOT_FOUND)
    assert enrich(endpoint, ["ana"], no_wait) == {"asked": 3, "unavailable": 3, "stopped": None}
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 0
    source.execute("UPDATE raw.unavailable SET asked_at = asked_at - interval '31 days'")
    assert enrich(endpoint, ["ana"], no_wait)["asked"] == 3


def test_a_pause_stops_it_and_keeps_what_was_learnt(heard, faults, source):
    endpoint = heard(enrichment_per_sync=100)
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    faults.will(f"/v1/tracks/{TRACKS[1]}", Answer(429, "", {"Retry-After": "86236"}))
    result = enrich(endpoint, ["ana"], no_wait)
    assert (result["asked"], "pause until" in result["stopped"]) == (1, True)
    assert source.execute("SELECT track_id FROM raw.catalog_track WHERE fetched_at IS NOT NULL").fetchall() == [
        (TRACKS[2],)
    ]
    calls = len(faults.asked)
    enrich(endpoint, ["ana"], no_wait)
    assert len(faults.asked) == calls, "nobody asks while the pause lasts"


def test_every_field_may_be_null_and_an_answer_under_another_id_is_kept_under_ours(heard, faults, source):
    endpoint = heard(enrichment_per_sync=3)
    names = ["album", "artists", "duration_ms", "explicit", "popularity", "external_ids", "track_number", "disc_number"]
    faults.will(
        f"/v1/tracks/{TRACKS[2]}", Answer(200, {"id": "0000000000000000000009", "name": "Twin", **dict.fromkeys(names)})
    )
    faults.will(f"/v1/tracks/{TRACKS[1]}", Answer(200, {"id": TRACKS[1], "name": None}))
    faults.will(f"/v1/tracks/{TRACKS[0]}", Answer(200, {}))
    assert enrich(endpoint, ["ana"], no_wait) == {"asked": 3, "unavailable": 2, "stopped": None}
    assert source.execute(
        "SELECT track_id, title, album_id, artist_ids, duration_ms FROM raw.catalog_track"
    ).fetchall() == [(TRACKS[2], "Twin", None, [], None)]


def test_when_one_consent_ended_the_next_listeners_is_used(heard, faults):
    endpoint = heard(enrichment_per_sync=1)
    faults.will(f"/v1/tracks/{TRACKS[2]}", track(TRACKS[2]))
    assert enrich(endpoint, ["nobody", "ana"], no_wait)["asked"] == 1
    assert enrich(endpoint, [], no_wait)["asked"] == 0


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
