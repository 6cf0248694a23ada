"""What Spotify says at this moment: a listener's latest plays, one track, one album, one artist."""

import pytest

from flask_endpoint.sync import sync
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.test_sync import ALBUM, ARTIST, RECENT, TRACKS, keep, page, play
from tests.flask_endpoint.web_stack import OPERATOR, client_of, connect, endpoint_of


def test_the_latest_plays_are_shown_newest_first_and_nothing_is_stored(client, source):
    connect(client, "ana")
    plays = client.get("/v1/listeners/ana/recently-played").json["plays"]
    assert len(plays) == 50
    assert plays == sorted(plays, key=lambda one: one["ended_at"], reverse=True)
    assert all(one["track_id"] and one["title"] and one["artist_name"] for one in plays)
    assert source.execute("SELECT count(*) FROM landing.play").fetchone() == (0,)


def test_a_listener_without_consent_is_409(client):
    refused = client.get("/v1/listeners/ben/recently-played")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "needs_reconnect")


def test_a_pause_is_503_and_says_until_when(make_app, faults):
    app = make_app(faults.url)
    keep(endpoint_of(app), "ana")
    faults.will(RECENT, Answer(429, "", {"Retry-After": "120"}))
    paused = client_of(app).get("/v1/listeners/ana/recently-played")
    assert (paused.status_code, paused.json["error"]["code"]) == (503, "paused")
    assert paused.headers["Retry-After"].endswith("GMT")


@pytest.mark.parametrize("kind", ["track", "album", "artist"])
def test_an_item_is_asked_for_and_kept(client, app, source, kind):
    connect(client, "ana")
    play = client.get("/v1/listeners/ana/recently-played").json["plays"][0]
    found = client.get(f"/v1/{kind}s/{play[f'{kind}_id']}")
    assert found.status_code == 200
    assert found.json[f"{kind}_id"] == play[f"{kind}_id"]
    kept = source.execute(
        f"SELECT fetched_at IS NOT NULL FROM raw.catalog_{kind} WHERE {kind}_id = %s", (play[f"{kind}_id"],)
    )
    assert kept.fetchall() == [(True,)]


def test_an_item_that_is_not_there_is_404(client):
    connect(client, "ana")
    missing = client.get("/v1/tracks/0000000000000000000000")
    assert (missing.status_code, missing.json["error"]["code"]) == (404, "no_such_item")


def test_without_anyone_connected_an_item_cannot_be_asked_for(client):
    assert client.get("/v1/tracks/0000000000000000000000").status_code == 409


def test_a_batch_is_promoted_once_and_its_balance_told_again(make_app, faults, source):
    app = make_app(faults.url, enrichment_per_day=0)
    keep(endpoint_of(app), "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z"), play(TRACKS[1], "2026-11-20T10:04:00.352Z")))
    [batch] = sync(endpoint_of(app))["batches"]
    operator = client_of(app)
    first = operator.post(f"/v1/batches/{batch['batch_id']}/promote", headers=OPERATOR)
    assert first.status_code == 200
    assert first.json == {
        "batch_id": batch["batch_id"], "rows_read": 2, "rows_added": 2, "rows_matched": 0, "rows_repeated": 0, "rows_rejected": 0,
    }  # fmt: skip
    assert operator.post(f"/v1/batches/{batch['batch_id']}/promote", headers=OPERATOR).json == first.json
    assert source.execute("SELECT artist_id, album_id, origin FROM raw.play").fetchall() == [(ARTIST, ALBUM, "api")] * 2


def test_a_batch_that_failed_a_check_is_not_promoted(make_app, faults, source):
    app = make_app(faults.url, enrichment_per_day=0)
    keep(endpoint_of(app), "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    [batch] = sync(endpoint_of(app))["batches"]
    source.execute(
        "INSERT INTO landing.check_result (batch_id, table_name, check_name, outcome) VALUES (%s, 'play', 'keys are unique', 'fail')",
        (batch["batch_id"],),
    )
    refused = client_of(app).post(f"/v1/batches/{batch['batch_id']}/promote", headers=OPERATOR)
    assert (refused.status_code, refused.json["error"]["code"]) == (422, "gate_refused")
    assert "keys are unique" in refused.json["error"]["message"]
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (0,)


def test_a_batch_that_never_was_is_404(client):
    assert client.post("/v1/batches/12345/promote", headers=OPERATOR).status_code == 404
