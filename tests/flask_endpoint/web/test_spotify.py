"""Routes that ask Spotify for a listener's latest plays or for one item, and the promotion of polls."""

import pytest

from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.polling.test_sync import ALBUM, ARTIST, RECENT, TRACKS, add_connected_listener, page, play
from tests.flask_endpoint.web.test_batches import PASS_GATE
from tests.flask_endpoint.web_stack import OPERATOR, client_of, connect, endpoint_of, sign_in


def test_latest_plays_are_returned_newest_first_and_not_stored(client, source):
    connect(client, "ana")
    plays = client.get("/v1/listeners/ana/recently-played").json["plays"]
    assert len(plays) == 50
    assert plays == sorted(plays, key=lambda one: one["ended_at"], reverse=True)
    assert all(one["track_id"] and one["title"] and one["artist_name"] for one in plays)
    assert source.execute("SELECT count(*) FROM landing.play").fetchone() == (0,)


def test_listener_without_consent_gets_409(client):
    refused = client.get("/v1/listeners/ben/recently-played")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "needs_reconnect")


def test_pause_gets_503_with_retry_after(make_app, faults):
    app = make_app(faults.url)
    add_connected_listener(endpoint_of(app), "ana")
    faults.will(RECENT, Answer(429, "", {"Retry-After": "120"}))
    paused = client_of(app).get("/v1/listeners/ana/recently-played")
    assert (paused.status_code, paused.json["error"]["code"]) == (503, "paused")
    assert paused.headers["Retry-After"].endswith("GMT")


@pytest.mark.parametrize("kind", ["track", "album", "artist"])
def test_item_is_fetched_and_stored(client, app, source, kind):
    connect(client, "ana")
    play = client.get("/v1/listeners/ana/recently-played").json["plays"][0]
    found = client.get(f"/v1/{kind}s/{play[f'{kind}_id']}")
    assert found.status_code == 200
    assert found.json[f"{kind}_id"] == play[f"{kind}_id"]
    stored = source.execute(
        f"SELECT fetched_at IS NOT NULL FROM raw.catalog_{kind} WHERE {kind}_id = %s", (play[f"{kind}_id"],)
    )
    assert stored.fetchall() == [(True,)]


def test_unknown_item_gets_404(client):
    connect(client, "ana")
    missing = client.get("/v1/tracks/0000000000000000000000")
    assert (missing.status_code, missing.json["error"]["code"]) == (404, "no_such_item")


ID = "4iV5W9uYEdYUVa79Axb7Rh"
PATHS_WITH_LISTENER = [f"/v1/tracks/{ID}?", f"/v1/albums/{ID}?", f"/v1/artists/{ID}?", f"/song?id={ID}&", f"/album?id={ID}&", f"/artist?id={ID}&", "/recent_played?"]  # fmt: skip


def as_listener(app, listener_id):
    """Return a browser that is not on loopback and has a session of the listener."""
    browser = client_of(app)
    browser.address = "http://listening.example"
    sign_in(app, browser, listener_id)
    return browser


@pytest.fixture
def published(make_app, faults):
    """Return an application with three connected listeners. Each one's access token is their id."""
    app = make_app(faults.url)
    for listener in ("ana", "ben", "operator"):
        add_connected_listener(endpoint_of(app), listener, access=listener)
    faults.will(RECENT, page())
    for kind in ("tracks", "albums", "artists"):
        faults.will(f"/v1/{kind}/{ID}", Answer(200, {"id": ID, "name": "Gloria", "artists": []}))
    return app


@pytest.mark.parametrize("path", PATHS_WITH_LISTENER)
@pytest.mark.parametrize("who", ["ana", "operator"])
def test_listener_can_use_only_their_own_token(published, faults, path, who):
    browser = as_listener(published, who)
    others = [browser.get(f"{path}listener_id={other}") for other in ("ben", "ghost", f"{who}&listener_id=ben")]
    assert [answer.status_code for answer in others] == [401] * 3
    assert len({answer.get_data() for answer in others}) == 1, "the response does not reveal which listeners exist"
    assert faults.asked == []
    for own_path in (path, f"{path}listener_id={who}", f"{path}listener_id="):
        assert browser.get(own_path).status_code == 200
    assert {request.authorization for request in faults.asked} == {f"Bearer {who}"}


@pytest.mark.parametrize("path", PATHS_WITH_LISTENER)
def test_operator_can_use_token_of_any_listener(published, faults, path):
    assert client_of(published).get(f"{path}listener_id=ben", headers=OPERATOR).status_code == 200
    assert {request.authorization for request in faults.asked} == {"Bearer ben"}


REFERENCES = [
    ID,
    f"spotify:track:{ID}",
    f"https://open.spotify.com/track/{ID}",
    f"https://open.spotify.com/intl-de/track/{ID}?si=ab%2F1",
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_item_can_be_named_by_id_uri_or_link(published, source, reference):
    found = client_of(published).get("/song", query_string={"id": reference, "listener_id": "ana"})
    assert (found.status_code, found.json.get("track_id")) == (200, ID)
    assert source.execute("SELECT track_id FROM raw.catalog_track").fetchall() == [(ID,)]


INVALID_REFERENCES = [
    (f"spotify:album:{ID}", 400), (f"https://open.spotify.com/artist/{ID}", 400), ("spotify:track:1", 404), ("../me", 404),
    (f"https://evil.example/track/{ID}", 404), ("spotify:track:", 404), (f"{ID}x", 404), (f"x:track:{'a' * 32}", 404),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "status"), INVALID_REFERENCES)
def test_invalid_item_reference_is_rejected_without_request_to_spotify(published, faults, reference, status):
    assert client_of(published).get("/song", query_string={"id": reference, "listener_id": "ana"}).status_code == status
    assert faults.asked == []


@pytest.mark.parametrize("name", ["", "  ", None, 5])
def test_item_without_name_gets_404(published, faults, name):
    faults.will(f"/v1/tracks/{ID}", Answer(200, {"id": ID, "name": name, "artists": []}))
    missing = client_of(published).get(f"/song?id={ID}&listener_id=ana")
    assert (missing.status_code, missing.json["error"]["code"]) == (404, "no_such_item")


def test_item_without_connected_listener_gets_409(client):
    assert client.get("/v1/tracks/0000000000000000000000").status_code == 409


def test_second_promotion_returns_same_balance(make_app, faults, source):
    app = make_app(faults.url, enrichment_per_day=0)
    add_connected_listener(endpoint_of(app), "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z"), play(TRACKS[1], "2026-11-20T10:04:00.352Z")))
    [batch] = sync(endpoint_of(app))["batches"]
    operator = client_of(app)
    source.execute(PASS_GATE)
    first = operator.post(f"/v1/batches/{batch['batch_id']}/promote", headers=OPERATOR)
    assert first.status_code == 200
    assert first.json == {
        "batch_id": batch["batch_id"], "rows_read": 2, "rows_added": 2, "rows_matched": 0, "rows_repeated": 0, "rows_rejected": 0,
    }  # fmt: skip
    assert operator.post(f"/v1/batches/{batch['batch_id']}/promote", headers=OPERATOR).json == first.json
    assert source.execute("SELECT artist_id, album_id, origin FROM raw.play").fetchall() == [(ARTIST, ALBUM, "api")] * 2


def test_batch_with_failed_check_is_not_promoted(make_app, faults, source):
    app = make_app(faults.url, enrichment_per_day=0)
    add_connected_listener(endpoint_of(app), "ana")
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


def test_unknown_batch_gets_404(client):
    assert client.post("/v1/batches/12345/promote", headers=OPERATOR).status_code == 404
