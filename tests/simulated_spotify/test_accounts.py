"""The accounts service: consent, authorization codes, PKCE, refresh, and errors."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from simulated_spotify.accounts.tokens import challenge_of
from tests.simulated_spotify.simulated_app import REDIRECT_URI, SCOPE, WallClock, approved

QUERY = {"client_id": "app", "response_type": "code", "redirect_uri": REDIRECT_URI, "scope": SCOPE, "state": "abc"}
SECRET = ("app", "secret")
VERIFIER = "v" * 43


def redirect_parameters(answer: TestResponse) -> dict[str, list[str]]:
    """Return the query parameters of a redirect to the app."""
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(REDIRECT_URI)
    return parse_qs(urlsplit(answer.headers["Location"]).query)


def code_for(client: FlaskClient, **more: str) -> str:
    return redirect_parameters(client.post("/authorize", query_string={**QUERY, **more}, data={"account": "ben"}))[
        "code"
    ][0]


def redeem(client: FlaskClient, code: str, auth: tuple[str, str] | None = SECRET, **form: str) -> TestResponse:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, **form}
    return client.post("/api/token", data=given, auth=auth)


def test_consent_page_lists_listeners_and_is_marked_as_simulated(client: FlaskClient) -> None:
    page = client.get("/authorize", query_string=QUERY).get_data(as_text=True)
    assert "This is a simulated Spotify" in page
    assert all(f'name="account" value="{listener}"' in page for listener in ("ana", "ben", "chie"))


def test_consent_form_works_without_query_string(client: FlaskClient) -> None:
    assert redirect_parameters(client.post("/authorize", data={**QUERY, "account": "ana"}))["state"] == ["abc"]


def test_listener_can_decline(client: FlaskClient) -> None:
    answer = client.post("/authorize", query_string=QUERY, data={"account": ""})
    assert redirect_parameters(answer) == {"error": ["access_denied"], "state": ["abc"]}


def test_code_gives_access_for_one_hour_and_works_once(client: FlaskClient) -> None:
    code = code_for(client)
    reply = redeem(client, code).get_json()
    assert (reply["token_type"], reply["expires_in"], reply["scope"]) == ("Bearer", 3600, SCOPE)
    again = redeem(client, code)
    assert (again.status_code, again.get_json()["error"]) == (400, "invalid_grant")


def test_code_expires_after_ten_minutes(client: FlaskClient, wall_clock: WallClock) -> None:
    code = code_for(client)
    wall_clock.moment += timedelta(minutes=10)
    assert redeem(client, code).get_json()["error_description"] == "Authorization code expired"


def test_code_exchange_checks_secret_and_redirect_uri(client: FlaskClient) -> None:
    code = code_for(client)
    assert redeem(client, code, ("app", "wrong")).get_json()["error"] == "invalid_client"
    assert redeem(client, code, None).get_json()["error"] == "invalid_grant"
    assert redeem(client, code, None, client_id="app").get_json()["error"] == "invalid_client"
    assert redeem(client, code, redirect_uri="http://127.0.0.1:1/").get_json()["error"] == "invalid_grant"
    assert redeem(client, code).status_code == 200


def test_pkce_requires_matching_verifier(client: FlaskClient) -> None:
    code = code_for(client, code_challenge_method="S256", code_challenge=challenge_of(VERIFIER))
    wrong = redeem(client, code, None, client_id="app", code_verifier="w" * 43)
    assert (wrong.status_code, wrong.get_json()["error"]) == (400, "invalid_grant")
    assert redeem(client, code, None, client_id="app", code_verifier=VERIFIER).status_code == 200


def test_challenge_matches_example_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_refresh_returns_new_refresh_token_only_without_secret(client: FlaskClient) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": approved(client)["refresh_token"]}
    reply = client.post("/api/token", data=form, auth=SECRET).get_json()
    assert "refresh_token" not in reply
    bearer = {"Authorization": f"Bearer {reply['access_token']}"}
    assert client.get("/v1/me", headers=bearer).get_json()["display_name"] == "Ana"
    assert "refresh_token" in client.post("/api/token", data={**form, "client_id": "app"}).get_json()


def test_refresh_token_expires_half_a_year_after_consent_despite_renewal(
    client: FlaskClient, wall_clock: WallClock
) -> None:
    refresh_token = approved(client)["refresh_token"]
    for _ in range(2):
        wall_clock.moment += timedelta(days=90)
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": "app"}
        refresh_token = client.post("/api/token", data=form).get_json()["refresh_token"]
    wall_clock.moment += timedelta(days=2)
    answer = client.post("/api/token", data={**form, "refresh_token": refresh_token})
    assert answer.status_code == 400
    assert answer.get_json() == {"error": "invalid_grant", "error_description": "Refresh token expired"}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"redirect_uri": "http://localhost:8000/callback"}, "Insecure redirect URI"),
        ({"redirect_uri": "http://192.0.2.1/callback"}, "Insecure redirect URI"),
        ({"redirect_uri": "nowhere"}, "Invalid redirect URI"),
        ({"client_id": "stranger"}, "Invalid client"),
    ],
)
def test_invalid_client_or_redirect_uri_is_not_redirected(
    client: FlaskClient, changed: dict[str, str], message: str
) -> None:
    for answer in (
        client.get("/authorize", query_string={**QUERY, **changed}),
        client.post("/authorize", query_string={**QUERY, **changed}, data={"account": "ana"}),
    ):
        assert (answer.status_code, message in answer.get_data(as_text=True)) == (400, True)


def test_unknown_account_and_unknown_grant_type_are_rejected(client: FlaskClient) -> None:
    assert client.post("/authorize", query_string=QUERY, data={"account": "zoe"}).status_code == 400
    answer = client.post("/api/token", data={"grant_type": "password"}, auth=SECRET)
    assert answer.get_json()["error"] == "unsupported_grant_type"
