"""Simulated faults apply to the planned requests, as often as planned, with Spotify's messages."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulated_spotify.listening.history import Setting, recently_played
from tests.simulated_spotify.simulated_app import approved

RECENT = "/v1/me/player/recently-played"

Plan = Callable[..., None]


@pytest.fixture
def plan(client: FlaskClient) -> Plan:
    def put(*queue: dict[str, Any], **modes: Any) -> None:
        answer = client.put("/faults", json={"queue": list(queue), **modes})
        assert answer.status_code == 200, answer.get_data(as_text=True)

    return put


def get(client: FlaskClient, token: str, path: str = RECENT) -> TestResponse:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def renew(client: FlaskClient, refresh_token: str) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return client.post("/api/token", data=form, auth=("app", "secret"))


@pytest.mark.parametrize(
    ("fault", "status", "words", "retry_after"),
    [
        ({"kind": "expired_access"}, 401, '"message":"The access token expired"', None),
        ({"kind": "rate_limit"}, 429, "API rate limit exceeded", None),
        ({"kind": "rate_limit", "retry_after": 7}, 429, "API rate limit exceeded", "7"),
        ({"kind": "quota"}, 429, '"reason":"QUOTA_EXCEEDED"', None),
        ({"kind": "quota", "retry_after": 86236}, 429, '"reason":"QUOTA_EXCEEDED"', "86236"),
        ({"kind": "no_premium"}, 403, "Active premium subscription required", None),
        ({"kind": "not_registered"}, 403, "User not registered in the Developer Dashboard", None),
        ({"kind": "server_error", "status": 503}, 503, "upstream connect error", None),
        ({"kind": "no_json"}, 200, "<html>", None),
    ],
)
def test_fault_response_is_spotifys_and_occurs_once(
    client: FlaskClient, token: str, plan: Plan, fault: dict[str, Any], status: int, words: str, retry_after: str | None
) -> None:
    plan(fault)
    answer = get(client, token)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry_after)
    assert words in answer.get_data(as_text=True).replace(": ", ":")
    assert get(client, token).get_json()["items"]


def test_403_response_is_plain_text(client: FlaskClient, token: str, plan: Plan) -> None:
    plan({"kind": "no_premium"})
    assert get(client, token).mimetype == "text/plain"


def test_fault_applies_to_its_part_and_number_of_requests(client: FlaskClient, token: str, plan: Plan) -> None:
    plan({"on": "me", "kind": "server_error", "times": 2}, {"on": "catalogue", "kind": "server_error", "times": None})
    assert get(client, token).status_code == 200
    assert [get(client, token, "/v1/me").status_code for _ in range(3)] == [500, 500, 200]
    assert {get(client, token, "/v1/tracks/0000000000000000000000").status_code for _ in range(3)} == {500}
    assert client.delete("/faults").get_json()["queue"] == []
    assert get(client, token, "/v1/tracks/0000000000000000000000").status_code == 404


def test_fault_can_apply_to_one_listener(client: FlaskClient, plan: Plan) -> None:
    ana, ben = approved(client, "ana"), approved(client, "ben")
    plan({"on": "token", "kind": "revoked", "account": "ana", "times": None})
    assert renew(client, ana["refresh_token"]).get_json() == {
        "error": "invalid_grant",
        "error_description": "Refresh token revoked",
    }
    assert renew(client, ben["refresh_token"]).status_code == 200


def test_rotated_refresh_token_works_once(client: FlaskClient, plan: Plan) -> None:
    plan(rotates="always")
    first = approved(client)["refresh_token"]
    second = renew(client, first).get_json()["refresh_token"]
    assert second != first
    assert renew(client, first).get_json()["error_description"] == "Refresh token revoked"
    assert renew(client, second).status_code == 200
    plan(rotates="never")
    bens = approved(client, "ben")["refresh_token"]
    assert "refresh_token" not in renew(client, bens).get_json()
    plan(rotates="null")
    assert renew(client, bens).get_json()["refresh_token"] is None


def test_withheld_plays_appear_after_faults_are_deleted(client: FlaskClient, token: str, plan: Plan) -> None:
    whole = [item["played_at"] for item in get(client, token, f"{RECENT}?limit=50").get_json()["items"]]
    plan(withholds=3)
    shown = [item["played_at"] for item in get(client, token, f"{RECENT}?limit=50").get_json()["items"]]
    assert set(shown) < set(whole)
    client.delete("/faults")
    assert [item["played_at"] for item in get(client, token, f"{RECENT}?limit=50").get_json()["items"]] == whole


def test_shuffled_page_has_same_plays_in_another_order(client: FlaskClient, token: str, plan: Plan) -> None:
    whole = [item["played_at"] for item in get(client, token, f"{RECENT}?limit=50").get_json()["items"]]
    plan(shuffles=True)
    shuffled = [item["played_at"] for item in get(client, token, f"{RECENT}?limit=50").get_json()["items"]]
    assert shuffled != whole and sorted(shuffled, reverse=True) == whole


def test_development_mode_removes_only_its_fields(
    client: FlaskClient, token: str, plan: Plan, setting: Setting
) -> None:
    track_id = recently_played(setting, "ana")[0].track_id
    whole = get(client, token, f"/v1/tracks/{track_id}").get_json()
    plan(is_development=True)
    track = get(client, token, f"/v1/tracks/{track_id}").get_json()
    assert whole.keys() - track.keys() == {"available_markets", "popularity"}
    assert whole["album"].keys() - track["album"].keys() == {"available_markets"}
    assert track["external_ids"] == whole["external_ids"]
    album = get(client, token, f"/v1/albums/{track['album']['id']}").get_json()
    assert not {"label", "popularity", "available_markets"} & album.keys()
    artist = get(client, token, f"/v1/artists/{track['artists'][0]['id']}").get_json()
    assert not {"followers", "popularity"} & artist.keys()
    assert not {"country", "product", "followers", "email"} & get(client, token, "/v1/me").get_json().keys()


@pytest.mark.parametrize(
    "path", ["tracks?ids=1", "artists/1/top-tracks", "browse/new-releases", "markets", "users/x", "playlists/1/tracks"]
)
def test_removed_endpoints_return_403(client: FlaskClient, token: str, path: str) -> None:
    assert get(client, token, f"/v1/{path}").status_code == 403


def test_invalid_plan_is_rejected_with_field_name(client: FlaskClient) -> None:
    for plan, words in (
        ({"queue": [{"kind": "flood"}]}, "queue.0.kind"),
        ({"queue": [{"kind": "slow", "seconds": 1e9}]}, "queue.0.seconds"),
        ({"storm": True}, "storm"),
        ([], "the plan"),
        (None, "the plan"),
    ):
        answer = client.put("/faults", json=plan)
        assert answer.status_code == 400
        assert words in answer.get_json()["error"]["message"]
    assert client.get("/faults").get_json()["queue"] == []


def test_slow_and_cut_responses_over_http(served: str) -> None:
    query = {"client_id": "app", "response_type": "code", "redirect_uri": "http://127.0.0.1:8000/callback"}
    back = requests.post(
        f"{served}/authorize", params=query, data={"account": "ana"}, allow_redirects=False, timeout=10
    )
    code = back.headers["Location"].split("code=")[1].split("&")[0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": query["redirect_uri"]}
    token = requests.post(f"{served}/api/token", data=form, auth=("app", "secret"), timeout=10).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    requests.put(f"{served}/faults", json={"queue": [{"kind": "slow", "seconds": 0.3}, {"kind": "cut"}]}, timeout=10)
    began = time.monotonic()
    assert requests.get(f"{served}/v1/me", headers=headers, timeout=10).status_code == 200
    assert time.monotonic() - began >= 0.3
    with pytest.raises(requests.RequestException):
        requests.get(f"{served}/v1/me", headers=headers, timeout=10)
    assert requests.get(f"{served}/v1/me", headers=headers, timeout=10).status_code == 200
