"""The OAuth flow with state and PKCE: it connects a listener and stores encrypted tokens."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

import psycopg
import pytest
from apiflask import APIFlask

from flask_endpoint.spotify.token_store import cipher_of
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, client_of, connect, consent, endpoint_of


def test_login_redirects_to_spotify_with_state_challenge_and_scope(client: Browser, simulated_spotify: str) -> None:
    sent = client.get("/login?listener_id=ana&time_zone=Europe/Madrid")
    query = dict(parse_qsl(urlsplit(sent.location).query))
    assert sent.status_code == 302
    assert sent.location.startswith(f"{simulated_spotify}/authorize?")
    assert (query["code_challenge_method"], query["response_type"], query["client_id"]) == ("S256", "code", "our-app")
    assert query["redirect_uri"] == "http://127.0.0.1:8000/callback"
    assert query["scope"] == "user-read-recently-played"
    assert len(query["state"]) >= 32
    assert len(query["code_challenge"]) == 43


def test_consent_creates_listener_links_account_and_stores_encrypted_tokens(
    client: Browser, app: APIFlask, source: psycopg.Connection
) -> None:
    connect(client, "ana", time_zone="Europe/Madrid", display_name="Ana")
    listener = source.execute("SELECT listener_id, display_name, time_zone, is_simulated FROM raw.listener").fetchall()
    assert listener == [("ana", "Ana", "Europe/Madrid", True)]
    assert source.execute("SELECT account_id, listener_id FROM vault.account").fetchall() == [("SimAna4k2pQ", "ana")]
    [(access, refresh, scope, status, age)] = source.execute(
        "SELECT access_token, refresh_token, scope, status, now() - authorized_at < interval '1 minute' FROM vault.token"
    )
    assert (scope, status, age) == ("user-read-recently-played", "connected", True)
    cipher = cipher_of(endpoint_of(app).settings)
    assert cipher.decrypt(bytes(access)) != bytes(access)
    assert cipher.decrypt(bytes(refresh)) != cipher.decrypt(bytes(access))
    assert source.execute("SELECT count(*) FROM vault.login").fetchone() == (0,)


def test_new_listener_without_time_zone_gets_utc_and_a_message(client: Browser) -> None:
    connect(client, "ana")
    assert b"The time zone is UTC, because none was given." in client.get("/").data


def test_second_consent_renews_connection_of_same_listener(client: Browser, source: psycopg.Connection) -> None:
    connect(client, "ana", time_zone="Europe/Madrid")
    source.execute(
        "UPDATE vault.token SET status = 'reconnect', reason = 'expired', authorized_at = now() - interval '200 days'"
    )
    connect(client, "ana")
    assert source.execute(
        "SELECT status, reason, authorized_at > now() - interval '1 minute', time_zone "
        "FROM vault.token JOIN raw.listener USING (listener_id)"
    ).fetchall() == [("connected", None, True, "Europe/Madrid")]


def test_account_cannot_be_linked_to_second_listener(client: Browser, source: psycopg.Connection) -> None:
    connect(client, "ana")
    back = urlsplit(consent(client, "ana", listener_id="ana2"))
    refused = client.get(f"{back.path}?{back.query}")
    assert refused.status_code == 409
    assert (
        refused.get_json()["error"]["message"]
        == "This Spotify account is already connected as listener ana. Use that name."
    )
    assert source.execute("SELECT listener_id FROM raw.listener").fetchall() == [("ana",)], (
        "the transaction was rolled back"
    )


def test_listener_cannot_be_linked_to_second_account(client: Browser, source: psycopg.Connection) -> None:
    connect(client, "ana")
    back = urlsplit(consent(client, "ben", listener_id="ana"))
    refused = client.get(f"{back.path}?{back.query}")
    assert refused.status_code == 409
    assert "belongs to another Spotify account" in refused.get_json()["error"]["message"]
    assert source.execute("SELECT account_id FROM vault.account").fetchall() == [("SimAna4k2pQ",)]


def test_callback_in_another_browser_is_refused(app: APIFlask, client: Browser, source: psycopg.Connection) -> None:
    back = urlsplit(consent(client))
    another_browser = client_of(app)
    refused = another_browser.get(f"{back.path}?{back.query}")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "bad_input")
    assert "not started in this browser" in refused.get_json()["error"]["message"]
    assert source.execute("SELECT count(*) FROM vault.token").fetchone() == (0,)


def test_callback_works_once(client: Browser) -> None:
    back = urlsplit(consent(client))
    assert client.get(f"{back.path}?{back.query}").status_code == 302
    assert client.get(f"{back.path}?{back.query}").status_code == 400


def test_expired_login_is_refused(client: Browser, source: psycopg.Connection) -> None:
    back = urlsplit(consent(client))
    source.execute("UPDATE vault.login SET expires_at = now() - interval '1 second'")
    refused = client.get(f"{back.path}?{back.query}")
    assert "expired or was already used" in refused.get_json()["error"]["message"]


def test_start_page_says_that_consent_was_declined(client: Browser, source: psycopg.Connection) -> None:
    state = parse_qs(urlsplit(client.get("/login?listener_id=ana").location).query)["state"][0]
    done = client.get(f"/callback?error=access_denied&state={state}")
    assert (done.status_code, done.location) == (302, "/")
    assert b"you declined" in client.get("/").data
    assert source.execute("SELECT count(*) FROM raw.listener").fetchone() == (0,)


def test_login_rejects_invalid_listener_id(client: Browser) -> None:
    for listener in ("", "Ana", "a/b", "a" * 65, "an%0aa"):
        refused = client.get(f"/login?listener_id={listener}")
        assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "bad_listener"), listener


def test_login_rejects_unknown_time_zone(client: Browser) -> None:
    refused = client.get("/login?listener_id=ana&time_zone=Mars/Olympus")
    assert (
        refused.get_json()["error"]["message"]
        == "'Mars/Olympus' is not an IANA time zone. Use a name such as Europe/Madrid."
    )


def test_simulated_login_cannot_use_name_of_real_listener(client: Browser, source: psycopg.Connection) -> None:
    source.execute("INSERT INTO raw.listener (listener_id, display_name, is_simulated) VALUES ('ana', 'Ana', false)")
    refused = client.get("/login?listener_id=ana")
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "conflict")


def test_connecting_works_without_client_secret(
    make_app: MakeApp, simulated_spotify: str, source: psycopg.Connection
) -> None:
    connect(client_of(make_app(simulated_spotify, spotify_client_secret="")), "ben")
    assert source.execute("SELECT listener_id FROM vault.token").fetchall() == [("ben",)]


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (
            Answer(400, {"error": "invalid_grant", "error_description": "Invalid authorization code"}),
            409,
            "Connect again",
        ),
        (
            Answer(400, {"error": "invalid_client", "error_description": "Invalid client secret"}),
            502,
            "SPOTIFY_CLIENT_SECRET",
        ),
        (Answer(503, "<html>"), 502, "Try again later"),
        (Answer(200, "<html>"), 502, "Try again later"),
        (
            Answer(200, {"access_token": "x", "expires_in": 3600, "scope": "user-read-recently-played"}),
            502,
            "no refresh token",
        ),
    ],
)
def test_failed_token_exchange_is_reported_and_stores_nothing(
    make_app: MakeApp, faults: FaultySpotify, source: psycopg.Connection, answer: Answer, status: int, words: str
) -> None:
    faults.will("/api/token", answer)
    client = client_of(make_app(faults.url))
    state = parse_qs(urlsplit(client.get("/login?listener_id=ana").location).query)["state"][0]
    refused = client.get(f"/callback?code=c&state={state}")
    assert refused.status_code == status
    assert words in refused.get_json()["error"]["message"]
    assert source.execute("SELECT count(*) FROM raw.listener").fetchone() == (0,)


def test_token_request_contains_secret_and_verifier(make_app: MakeApp, faults: FaultySpotify) -> None:
    faults.will("/api/token", Answer(400, {"error": "invalid_grant"}))
    client = client_of(make_app(faults.url))
    state = parse_qs(urlsplit(client.get("/login?listener_id=ana").location).query)["state"][0]
    client.get(f"/callback?code=c0de&state={state}")
    (request,) = faults.asked
    assert request.authorization.startswith("Basic ")
    assert (request.form["grant_type"], request.form["code"]) == ("authorization_code", "c0de")
    assert 43 <= len(request.form["code_verifier"]) <= 128


def test_consent_is_returned_without_tokens(client: Browser, source: psycopg.Connection) -> None:
    connect(client, "ana")
    source.execute("UPDATE vault.token SET authorized_at = now() - interval '40 days'")
    shown = client.get("/v1/listeners/ana/token", headers=OPERATOR)
    assert shown.status_code == 200
    assert set(shown.get_json()) == {
        "listener_id", "state", "reason", "scope", "expires_at", "authorized_at", "consent_ends_at", "ends_soon", "consent_age_days",
    }  # fmt: skip
    assert (shown.get_json()["state"], shown.get_json()["consent_age_days"]) == ("connected", 40)
    source.execute("DELETE FROM vault.token")
    assert client.get("/v1/listeners/ana/token", headers=OPERATOR).get_json()["state"] == "none"
    assert client.get("/v1/listeners/nobody/token", headers=OPERATOR).status_code == 404


def test_logout_ends_session_and_keeps_connection(
    make_app: MakeApp, simulated_spotify: str, source: psycopg.Connection
) -> None:
    app = make_app(simulated_spotify)
    app.config["WTF_CSRF_ENABLED"] = False
    client = client_of(app)
    connect(client, "ana")
    assert b"Signed in as ana" in client.get("/").data
    client.post("/logout")
    assert b"Signed in as" not in client.get("/").data
    assert source.execute("SELECT status FROM vault.token").fetchall() == [("connected",)]
