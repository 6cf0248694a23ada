"""Routes that ask Spotify for a listener's latest plays or for one item."""

import psycopg
import pytest
from apiflask import APIFlask

from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, add_connected_listener, page
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, as_listener, client_of, connect, endpoint_of


def test_latest_plays_are_returned_newest_first_and_not_stored(client: Browser, source: psycopg.Connection) -> None:
    connect(client, "ana")
    plays = client.get("/v1/listeners/ana/recently-played").get_json()["plays"]
    assert len(plays) == 50
    assert plays == sorted(plays, key=lambda one: one["ended_at"], reverse=True)
    assert all(one["track_id"] and one["title"] and one["artist_name"] for one in plays)
    assert source.execute("SELECT count(*) FROM landing.play").fetchone() == (0,)


def test_listener_without_consent_gets_409(client: Browser) -> None:
    refused = client.get("/v1/listeners/ben/recently-played")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "needs_reconnect")


def test_pause_gets_503_with_retry_after(make_app: MakeApp, faults: FaultySpotify) -> None:
    app = make_app(faults.url)
    add_connected_listener(endpoint_of(app), "ana")
    faults.will(RECENT, Answer(429, "", {"Retry-After": "120"}))
    paused = client_of(app).get("/v1/listeners/ana/recently-played")
    assert (paused.status_code, paused.get_json()["error"]["code"]) == (503, "paused")
    assert paused.headers["Retry-After"].endswith("GMT")


@pytest.mark.parametrize("kind", ["track", "album", "artist"])
def test_item_is_fetched_and_stored(client: Browser, app: APIFlask, source: psycopg.Connection, kind: str) -> None:
    connect(client, "ana")
    play = client.get("/v1/listeners/ana/recently-played").get_json()["plays"][0]
    found = client.get(f"/v1/{kind}s/{play[f'{kind}_id']}")
    assert found.status_code == 200
    assert found.get_json()[f"{kind}_id"] == play[f"{kind}_id"]
    stored = source.execute(
        f"SELECT fetched_at IS NOT NULL FROM raw.catalog_{kind} WHERE {kind}_id = %s", (play[f"{kind}_id"],)
    )
    assert stored.fetchall() == [(True,)]


def test_unknown_item_gets_404(client: Browser) -> None:
    connect(client, "ana")
    missing = client.get("/v1/tracks/0000000000000000000000")
    assert (missing.status_code, missing.get_json()["error"]["code"]) == (404, "no_such_item")


ID = "4iV5W9uYEdYUVa79Axb7Rh"
PATHS_WITH_LISTENER = [f"/v1/tracks/{ID}?", f"/v1/albums/{ID}?", f"/v1/artists/{ID}?", f"/song?id={ID}&", f"/album?id={ID}&", f"/artist?id={ID}&", "/recent_played?"]  # fmt: skip


@pytest.fixture
def published(make_app: MakeApp, faults: FaultySpotify) -> APIFlask:
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
def test_listener_can_use_only_their_own_token(published: APIFlask, faults: FaultySpotify, path: str, who: str) -> None:
    browser = as_listener(published, who)
    others = [browser.get(f"{path}listener_id={other}") for other in ("ben", "ghost", f"{who}&listener_id=ben")]
    assert [answer.status_code for answer in others] == [401] * 3
    assert len({answer.get_data() for answer in others}) == 1, "the response does not reveal which listeners exist"
    assert faults.asked == []
    for own_path in (path, f"{path}listener_id={who}", f"{path}listener_id="):
        assert browser.get(own_path).status_code == 200
    assert {request.authorization for request in faults.asked} == {f"Bearer {who}"}


@pytest.mark.parametrize("path", PATHS_WITH_LISTENER)
def test_operator_can_use_token_of_any_listener(published: APIFlask, faults: FaultySpotify, path: str) -> None:
    assert client_of(published).get(f"{path}listener_id=ben", headers=OPERATOR).status_code == 200
    assert {request.authorization for request in faults.asked} == {"Bearer ben"}


REFERENCES = [
    ID,
    f"spotify:track:{ID}",
    f"https://open.spotify.com/track/{ID}",
    f"https://open.spotify.com/intl-de/track/{ID}?si=ab%2F1",
]


@pytest.mark.parametrize("reference", REFERENCES)
def test_item_can_be_named_by_id_uri_or_link(published: APIFlask, source: psycopg.Connection, reference: str) -> None:
    found = client_of(published).get("/song", query_string={"id": reference, "listener_id": "ana"})
    assert (found.status_code, found.get_json().get("track_id")) == (200, ID)
    assert source.execute("SELECT track_id FROM raw.catalog_track").fetchall() == [(ID,)]


INVALID_REFERENCES = [
    (f"spotify:album:{ID}", 400), (f"https://open.spotify.com/artist/{ID}", 400), ("spotify:track:1", 404), ("../me", 404),
    (f"https://evil.example/track/{ID}", 404), ("spotify:track:", 404), (f"{ID}x", 404), (f"x:track:{'a' * 32}", 404),
]  # fmt: skip


@pytest.mark.parametrize(("reference", "status"), INVALID_REFERENCES)
def test_invalid_item_reference_is_rejected_without_request_to_spotify(
    published: APIFlask, faults: FaultySpotify, reference: str, status: int
) -> None:
    assert client_of(published).get("/song", query_string={"id": reference, "listener_id": "ana"}).status_code == status
    assert faults.asked == []


@pytest.mark.parametrize("name", ["", "  ", None, 5])
def test_item_without_name_gets_404(published: APIFlask, faults: FaultySpotify, name: int | str | None) -> None:
    faults.will(f"/v1/tracks/{ID}", Answer(200, {"id": ID, "name": name, "artists": []}))
    missing = client_of(published).get(f"/song?id={ID}&listener_id=ana")
    assert (missing.status_code, missing.get_json()["error"]["code"]) == (404, "no_such_item")


def test_item_without_connected_listener_gets_409(client: Browser) -> None:
    assert client.get("/v1/tracks/0000000000000000000000").status_code == 409
