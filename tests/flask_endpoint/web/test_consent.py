"""A listener connects: to Spotify and back, with state and PKCE; tokens end up encrypted, and nowhere else."""

from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from flask_endpoint.spotify.token_store import cipher_of
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.web_stack import OPERATOR, client_of, connect, consent, endpoint_of


def test_login_goes_to_spotify_with_state_challenge_and_scope(client, simulated_spotify):
    sent = client.get("/login?listener_id=ana&time_zone=Europe/Madrid")
    asked = dict(parse_qsl(urlsplit(sent.location).query))
    assert sent.status_code == 302
    assert sent.location.startswith(f"{simulated_spotify}/authorize?")
    assert (asked["code_challenge_method"], asked["response_type"], asked["client_id"]) == ("S256", "code", "our-app")
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/callback"
    assert asked["scope"] == "user-read-recently-played"
    assert len(asked["state"]) >= 32
    assert len(asked["code_challenge"]) == 43


def test_a_consent_makes_the_listener_links_the_account_and_keeps_an_encrypted_token(client, app, source):
    connect(client, "ana", time_zone="Europe/Madrid", display_name="Ana")
    listener = source.execute("SELECT listener_id, display_name, time_zone, is_simulated FROM raw.listener").fetchall()
    assert listener == [("ana", "Ana", "Europe/Madrid", True)]
    assert source.execute("SELECT account_id, listener_id FROM vault.account").fetchall() == [("SimAna4k2pQ", "ana")]
    access, refresh, scope, status, age = source.execute(
        "SELECT access_token, refresh_token, scope, status, now() - authorized_at < interval '1 minute' FROM vault.token"
    ).fetchone()
    assert (scope, status, age) == ("user-read-recently-played", "connected", True)
    cipher = cipher_of(endpoint_of(app).settings)
    assert cipher.decrypt(bytes(access)) != bytes(access)
    assert cipher.decrypt(bytes(refresh)) != cipher.decrypt(bytes(access))
    assert source.execute("SELECT count(*) FROM vault.login").fetchone() == (0,)


def test_without_a_zone_a_new_listener_gets_utc_and_is_told(client):
    connect(client, "ana")
    assert b"The time zone is UTC, since none was given." in client.get("/").data


def test_connecting_again_restarts_the_consent_and_keeps_the_listener(client, source):
    connect(client, "ana", time_zone="Europe/Madrid")
    source.execute(
        "UPDATE vault.token SET status = 'reconnect', reason = 'expired', authorized_at = now() - interval '200 days'"
    )
    connect(client, "ana")
    assert source.execute(
        "SELECT status, reason, authorized_at > now() - interval '1 minute', time_zone "
        "FROM vault.token JOIN raw.listener USING (listener_id)"
    ).fetchall() == [("connected", None, True, "Europe/Madrid")]


def test_one_account_is_one_listener(client, source):
    connect(client, "ana")
    back = urlsplit(_consent_as(client, listener="ana2", account="ana"))
    refused = client.get(f"{back.path}?{back.query}")
    assert refused.status_code == 409
    assert (
        refused.json["error"]["message"] == "This Spotify account is connected as listener ana already: use that name."
    )
    assert source.execute("SELECT listener_id FROM raw.listener").fetchall() == [("ana",)], "nothing half-written"


def test_one_listener_is_one_account(client, source):
    connect(client, "ana")
    back = urlsplit(_consent_as(client, listener="ana", account="ben"))
    refused = client.get(f"{back.path}?{back.query}")
    assert refused.status_code == 409
    assert "belongs to another Spotify account" in refused.json["error"]["message"]
    assert source.execute("SELECT account_id FROM vault.account").fetchall() == [("SimAna4k2pQ",)]


def test_an_answer_that_was_not_asked_for_in_this_browser_is_refused(app, client, source):
    back = urlsplit(consent(client))
    another_browser = client_of(app)
    refused = another_browser.get(f"{back.path}?{back.query}")
    assert (refused.status_code, refused.json["error"]["code"]) == (400, "bad_input")
    assert "not begun in this browser" in refused.json["error"]["message"]
    assert source.execute("SELECT count(*) FROM vault.token").fetchone() == (0,)


def test_an_answer_is_taken_once(client):
    back = urlsplit(consent(client))
    assert client.get(f"{back.path}?{back.query}").status_code == 302
    assert client.get(f"{back.path}?{back.query}").status_code == 400


def test_a_login_that_took_too_long_is_refused(client, source):
    back = urlsplit(consent(client))
    source.execute("UPDATE vault.login SET expires_at = now() - interval '1 second'")
    refused = client.get(f"{back.path}?{back.query}")
    assert "took too long" in refused.json["error"]["message"]


def test_saying_no_at_spotify_is_said_on_the_start_page(client, source):
    state = parse_qs(urlsplit(client.get("/login?listener_id=ana").location).query)["state"][0]
    done = client.get(f"/callback?error=access_denied&state={state}")
    assert (done.status_code, done.location) == (302, "/")
    assert b"you said no" in client.get("/").data
    assert source.execute("SELECT count(*) FROM raw.listener").fetchone() == (0,)


def test_a_bad_listener_name_is_refused_with_a_sentence(client):
    for listener in ("", "Ana", "a/b", "a" * 65, "an%0aa"):
        refused = client.get(f"/login?listener_id={listener}")
        assert (refused.status_code, refused.json["error"]["code"]) == (400, "bad_listener"), listener


def test_a_zone_that_is_none_is_refused_with_a_sentence(client):
    refused = client.get("/login?listener_id=ana&time_zone=Mars/Olympus")
    assert refused.json["error"]["message"] == "'Mars/Olympus' is no IANA time zone: give a name such as Europe/Madrid."


def test_a_simulated_login_never_takes_a_real_listeners_name(client, source):
    source.execute("INSERT INTO raw.listener (listener_id, display_name, is_simulated) VALUES ('ana', 'Ana', false)")
    refused = client.get("/login?listener_id=ana")
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "conflict")


def test_without_a_client_secret_pkce_alone_connects(make_app, simulated_spotify, source):
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
def test_a_failed_exchange_is_one_sentence_and_stores_nothing(make_app, faults, source, answer, status, words):
    faults.will("/api/token", answer)
    client = client_of(make_app(faults.url))
    state = parse_qs(urlsplit(client.get("/login?listener_id=ana").location).query)["state"][0]
    refused = client.get(f"/callback?code=c&state={state}")
    assert refused.status_code == status
    assert words in refused.json["error"]["message"]
    assert source.execute("SELECT count(*) FROM raw.listener").fetchone() == (0,)


def test_the_token_endpoint_is_asked_with_secret_and_verifier(make_app, faults):
    faults.will("/api/token", Answer(400, {"error": "invalid_grant"}))
    client = client_of(make_app(faults.url))
    state = parse_qs(urlsplit(client.get("/login?listener_id=ana").location).query)["state"][0]
    client.get(f"/callback?code=c0de&state={state}")
    (asked,) = faults.asked
    assert asked.authorization.startswith("Basic ")
    assert (asked.form["grant_type"], asked.form["code"]) == ("authorization_code", "c0de")
    assert 43 <= len(asked.form["code_verifier"]) <= 128


def test_the_state_of_a_consent_is_shown_and_never_the_token(client, source):
    connect(client, "ana")
    source.execute("UPDATE vault.token SET authorized_at = now() - interval '40 days'")
    shown = client.get("/v1/listeners/ana/token", headers=OPERATOR)
    assert shown.status_code == 200
    assert set(shown.json) == {
        "listener_id", "state", "reason", "scope", "expires_at", "authorized_at", "consent_ends_at", "ends_soon", "consent_age_days",
    }  # fmt: skip
    assert (shown.json["state"], shown.json["consent_age_days"]) == ("connected", 40)
    source.execute("DELETE FROM vault.token")
    assert client.get("/v1/listeners/ana/token", headers=OPERATOR).json["state"] == "none"
    assert client.get("/v1/listeners/nobody/token", headers=OPERATOR).status_code == 404


def test_signing_out_forgets_the_session_and_keeps_the_connection(make_app, simulated_spotify, source):
    app = make_app(simulated_spotify)
    app.config["WTF_CSRF_ENABLED"] = False
    client = client_of(app)
    connect(client, "ana")
    assert b"Signed in as ana" in client.get("/").data
    client.post("/logout")
    assert b"Signed in as" not in client.get("/").data
    assert source.execute("SELECT status FROM vault.token").fetchall() == [("connected",)]


def _consent_as(client, listener: str, account: str) -> str:
    import requests

    sent = client.get("/login", query_string={"listener_id": listener})
    asked = dict(parse_qsl(urlsplit(sent.location).query))
    page = urlsplit(sent.location)._replace(query="").geturl()
    agreed = requests.post(page, data={**asked, "account": account}, allow_redirects=False, timeout=10)
    return agreed.headers["Location"]
