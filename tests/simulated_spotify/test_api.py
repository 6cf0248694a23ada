"""The Web API responds with Spotify's fields, key order and errors."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulated_spotify.app import create_app
from simulated_spotify.music.catalog import catalog_of
from simulated_spotify.settings import Settings
from tests.simulated_spotify.simulated_app import WallClock, approved

RECENT = "/v1/me/player/recently-played"


@pytest.fixture
def get(client: FlaskClient, token: str) -> Callable[..., TestResponse]:
    def request(path: str, bearer: str = token) -> TestResponse:
        return client.get(path, headers={"Authorization": f"Bearer {bearer}"})

    return request


def test_recently_played_has_spotifys_keys_in_order(get: Callable[..., TestResponse]) -> None:
    page = json.loads(get(f"{RECENT}?limit=50").data)
    assert list(page) == ["items", "next", "cursors", "limit", "href"]
    assert list(page["items"][0]) == ["track", "played_at", "context"]
    assert list(page["cursors"]) == ["after", "before"]
    assert page["limit"] == len(page["items"]) == 50
    contexts = [item["context"] for item in page["items"] if item["context"]]
    assert {tuple(context) for context in contexts} == {("type", "external_urls", "href", "uri")}


def test_played_at_has_milliseconds_and_newest_play_is_first(get: Callable[..., TestResponse]) -> None:
    played = [item["played_at"] for item in get(f"{RECENT}?limit=50").get_json()["items"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", instant) for instant in played)
    assert played == sorted(played, reverse=True)
    assert len({instant[-4:] for instant in played}) > 10


def test_next_links_page_back_to_an_empty_page(get: Callable[..., TestResponse]) -> None:
    url, played = f"{RECENT}?limit=20", []
    while url:
        page = get(url.removeprefix("http://127.0.0.1:8090")).get_json()
        played += [item["played_at"] for item in page["items"]]
        url = page["next"]
    assert len(played) == len(set(played)) == 50
    assert (page["items"], page["next"], page["cursors"], page["limit"]) == ([], None, None, 20)


def test_next_link_has_oldest_cursor_in_milliseconds(get: Callable[..., TestResponse]) -> None:
    page = get(f"{RECENT}?limit=50").get_json()
    assert all(isinstance(cursor, str) and cursor.isdecimal() for cursor in page["cursors"].values())
    assert page["next"] == f"http://127.0.0.1:8090{RECENT}?before={page['cursors']['before']}&limit=50"


def test_after_is_exclusive_and_pages_forward(get: Callable[..., TestResponse]) -> None:
    everything = get(f"{RECENT}?limit=50").get_json()
    items = everything["items"]
    cursor = get(f"{RECENT}?limit=10").get_json()["cursors"]["before"]  # the end of the tenth newest
    page = get(f"{RECENT}?after={cursor}&limit=50").get_json()
    assert page["items"] == items[:9]
    assert page["next"].endswith(f"?after={page['cursors']['after']}&limit=50")
    assert get(f"{RECENT}?after={page['cursors']['after']}").get_json()["items"] == []


def test_cursors_reach_at_most_50_plays_back(get: Callable[..., TestResponse]) -> None:
    oldest = get(f"{RECENT}?limit=50").get_json()["cursors"]["before"]
    assert get(f"{RECENT}?before={oldest}&limit=50").get_json()["items"] == []
    assert len(get(f"{RECENT}?after=0&limit=50").get_json()["items"]) == 50


@pytest.mark.parametrize("query", ["after=1&before=2", "limit=0", "limit=51", "limit=many", "after=yesterday"])
def test_invalid_parameters_are_rejected(get: Callable[..., TestResponse], query: str) -> None:
    answer = get(f"{RECENT}?{query}")
    assert answer.status_code == 400
    assert answer.get_json()["error"]["status"] == 400


def test_default_limit_is_20(get: Callable[..., TestResponse]) -> None:
    assert len(get(RECENT).get_json()["items"]) == 20


def test_new_plays_appear_when_clock_file_changes(tmp_path: Path, wall_clock: WallClock) -> None:
    clock = tmp_path / "now"
    clock.write_text("2026-11-25T09:00:00Z")
    app_client = create_app(
        Settings(clock_file=clock, client_id="app", client_secret="secret"), wall_clock
    ).test_client()
    bearer = {"Authorization": f"Bearer {approved(app_client)['access_token']}"}
    before = app_client.get(f"{RECENT}?limit=50", headers=bearer).get_json()
    clock.write_text("2026-11-26T09:00:00Z")
    after = app_client.get(f"{RECENT}?limit=50", headers=bearer).get_json()
    new = [item for item in after["items"] if item not in before["items"]]
    assert 0 < len(new) < 50
    assert after["items"][len(new) :] == before["items"][: 50 - len(new)]


def test_single_items_equal_those_in_plays(get: Callable[..., TestResponse]) -> None:
    track = get(f"{RECENT}?limit=1").get_json()["items"][0]["track"]
    album = get(f"/v1/albums/{track['album']['id']}").get_json()
    assert get(f"/v1/tracks/{track['id']}").get_json() == track
    assert track["id"] in [item["id"] for item in album["tracks"]["items"]]
    assert album["total_tracks"] == album["tracks"]["total"] == len(album["tracks"]["items"])
    assert get(f"/v1/artists/{track['artists'][0]['id']}").get_json()["name"] == track["artists"][0]["name"]


def test_album_tracks_are_paged(get: Callable[..., TestResponse]) -> None:
    longest = max(catalog_of("simulated").albums.values(), key=lambda album: len(album.tracks))
    first = get(f"/v1/albums/{longest.id}/tracks?limit=10").get_json()
    second = get(first["next"].removeprefix("http://127.0.0.1:8090")).get_json()
    assert [item["id"] for item in first["items"] + second["items"]] == [track.id for track in longest.tracks]
    assert (first["previous"], second["next"], second["total"]) == (None, None, 18)


def test_profile_has_account_id(get: Callable[..., TestResponse]) -> None:
    me = get("/v1/me").get_json()
    assert (me["account_id"], me["display_name"], me["country"]) == ("SimAna4k2pQ", "Ana", "ES")
    assert "email" not in me


def test_missing_or_foreign_token_is_rejected(client: FlaskClient, get: Callable[..., TestResponse]) -> None:
    assert client.get("/v1/me").get_json() == {"error": {"status": 401, "message": "No token provided"}}
    assert get("/v1/me", "nonsense").get_json() == {"error": {"status": 401, "message": "Invalid access token"}}


def test_access_token_expires_after_one_hour(get: Callable[..., TestResponse], wall_clock: WallClock) -> None:
    wall_clock.moment += timedelta(seconds=3599)
    assert get("/v1/me").status_code == 200
    wall_clock.moment += timedelta(seconds=1)
    answer = get("/v1/me")
    assert answer.status_code == 401
    assert answer.get_json() == {"error": {"status": 401, "message": "The access token expired"}}


@pytest.mark.parametrize("path", ["tracks?ids=a,b", "albums?ids=a", "artists?ids=a", "browse/new-releases", "users/x"])
def test_removed_endpoints_return_403(get: Callable[..., TestResponse], path: str) -> None:
    assert get(f"/v1/{path}").status_code == 403


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "me/tracks"), ("DELETE", "me/albums"), ("GET", "me/tracks/contains?ids=a"), ("POST", "users/x/playlists")],
)
def test_removed_methods_return_403(client: FlaskClient, token: str, method: str, path: str) -> None:
    answer = client.open(f"/v1/{path}", method=method, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [("tracks/0000000000000000000000", 404), ("albums/short", 400), ("no-such-thing", 404), ("artists/a/albums", 404)],
)
def test_unknown_items_and_paths_return_api_errors(get: Callable[..., TestResponse], path: str, status: int) -> None:
    answer = get(f"/v1/{path}")
    assert answer.status_code == status
    assert answer.get_json()["error"]["status"] == status


def test_every_response_is_marked_as_simulated(client: FlaskClient, get: Callable[..., TestResponse]) -> None:
    answers = [client.get(path) for path in ("/", "/healthz", "/authorize", "/nothing")] + [get("/v1/me")]
    assert {answer.headers["X-Simulated"] for answer in answers} == {"true"}
    assert b"simulated" in client.get("/").data


def test_images_are_served_by_simulator(client: FlaskClient, get: Callable[..., TestResponse]) -> None:
    track = get(f"{RECENT}?limit=1").get_json()["items"][0]["track"]
    url = track["album"]["images"][0]["url"].removeprefix("http://127.0.0.1:8090")
    assert client.get(url).mimetype == "image/svg+xml"
    assert client.get("/image/no").status_code == 404
