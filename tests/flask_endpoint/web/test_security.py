"""Access rules, security headers, CSRF protection and the shape of errors."""

import io
from typing import Any

import pytest

from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, client_of, connect

ALL_ADDRESSES = "0.0.0.0"  # noqa: S104
OPERATOR_ROUTES = [
    ("GET", "/v1/listeners"),
    ("POST", "/v1/sync"),
    ("GET", "/v1/enrichment"),
    ("POST", "/v1/enrichment"),
    ("POST", "/v1/catalog"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/1"),
    ("GET", "/v1/batches"),
    ("POST", "/v1/batches/1/promote"),
    ("POST", "/v1/batches/1/refuse"),
    ("POST", "/v1/batches/1/reopen"),
    ("POST", "/v1/imports"),
    ("GET", "/v1/imports"),
    ("GET", "/v1/imports/1"),
    ("PATCH", "/v1/listeners/ana"),
    ("POST", "/v1/imports/1/undo"),
    ("POST", "/v1/listeners/ana/disconnect"),
    ("DELETE", "/v1/listeners/ana?origin=all"),
    ("POST", "/v1/tokens/rotate"),
    ("GET", "/metrics"),
]
INVALID_KEYS = [
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Basic dGhlOmtleQ=="},
    {"Authorization": "Bearer k\xe9y"},
]


@pytest.mark.parametrize("headers", INVALID_KEYS)
def test_operator_routes_reject_missing_and_wrong_keys(client: Browser, headers: dict[str, Any]) -> None:
    for method, path in OPERATOR_ROUTES:
        refused = client.open(path, method=method, headers=headers)
        assert refused.status_code == 401, path
        assert refused.get_json()["error"]["code"] == "unauthorized"
        assert "OPERATOR_KEY" in refused.get_json()["error"]["message"]


def test_operator_route_answers_with_key(client: Browser) -> None:
    assert client.get("/v1/listeners", headers=OPERATOR).get_json() == {"listeners": [], "next_before": None}


def test_listener_session_reads_only_its_own_listener(make_app: MakeApp, simulated_spotify: str) -> None:
    app = make_app(simulated_spotify)
    ana, published = client_of(app), client_of(app)
    connect(ana, "ana")
    for browser in (ana, published):
        browser.address = "http://listening.example"  # Not loopback, so no user is the operator without a key.
    cookie = ana.get_cookie("listening_endpoint", domain="127.0.0.1")
    assert cookie is not None
    ana.set_cookie("listening_endpoint", cookie.value, domain="listening.example")
    assert ana.get("/v1/listeners/ana/token").status_code == 200
    assert ana.get("/v1/listeners/ben/token").status_code == 401
    assert published.get("/v1/listeners/ana/token").status_code == 401


def test_loopback_reads_without_key_but_cannot_change(client: Browser) -> None:
    assert client.get("/v1/listeners/nobody/token").status_code == 404
    assert client.post("/v1/sync").status_code == 401


def test_start_page_needs_key_unless_published_on_loopback(make_app: MakeApp, simulated_spotify: str) -> None:
    assert client_of(make_app(simulated_spotify)).get("/").status_code == 200
    published = client_of(make_app(simulated_spotify, listen_host=ALL_ADDRESSES))
    refused = published.get("/")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Basic realm="operator"')
    assert published.get("/", auth=("anyone", "the-operators-key")).status_code == 200
    assert published.get("/", auth=("anyone", "wrong")).status_code == 401
    assert published.get("/login?listener_id=ana").status_code == 401
    assert published.get("/jobs").status_code == 401


def test_start_page_is_open_in_container_published_on_loopback(make_app: MakeApp, simulated_spotify: str) -> None:
    assert (
        client_of(make_app(simulated_spotify, listen_host=ALL_ADDRESSES, bind_host="127.0.0.1")).get("/").status_code
        == 200
    )


def test_foreign_host_name_is_rejected(client: Browser) -> None:
    client.address = "http://evil.example:8000"
    assert client.get("/").status_code == 401


PROXIED = [
    {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}},
    {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}},
    {"headers": {"X-Forwarded-For": "192.0.2.7"}},
    {"headers": {"X-Real-IP": "192.0.2.7"}},
    {"headers": {"Forwarded": "for=192.0.2.7"}},
    {"headers": {"Via": "1.1 proxy"}},
    {"headers": {"Origin": "https://listening.example"}},
]


@pytest.mark.parametrize("options", PROXIED)
def test_proxied_request_has_no_loopback_privilege(client: Browser, options: dict[str, dict[str, str]]) -> None:
    assert client.get("/", **options).status_code == 401
    assert client.get("/v1/listeners/nobody/token", **options).status_code == 401


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1:8000", "http://localhost:3000"])
def test_local_origin_keeps_loopback_privilege(client: Browser, origin: str) -> None:
    assert client.get("/", headers={"Origin": origin}).status_code == 200


def test_localhost_is_redirected_to_127_0_0_1(client: Browser) -> None:
    client.address = "http://localhost:8000"
    sent = client.get("/login?listener_id=ana")
    assert (sent.status_code, sent.location) == (302, "http://127.0.0.1:8000/login?listener_id=ana")


def test_every_response_has_security_headers(client: Browser) -> None:
    for path in ("/", "/healthz", "/v1/listeners", "/nowhere"):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"


def test_session_cookie_is_http_only_lax_and_secure_over_https(make_app: MakeApp, simulated_spotify: str) -> None:
    plain = client_of(make_app(simulated_spotify)).get("/login?listener_id=ana").headers["Set-Cookie"]
    assert "HttpOnly" in plain and "SameSite=Lax" in plain and "Secure" not in plain
    https = make_app(
        simulated_spotify, spotify_redirect_uri="https://listening.example/callback", bind_host="127.0.0.1"
    )
    assert "Secure" in client_of(https).get("/login?listener_id=ana").headers["Set-Cookie"]


@pytest.mark.parametrize("path", ["/imports", "/logout", "/own/disconnect", "/own/delete"])
def test_form_without_csrf_token_is_rejected(client: Browser, path: str) -> None:
    refused = client.post(path, data={"listener_id": "ana", "files": (io.BytesIO(b"[]"), "a.json")})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "stale_form")


def test_errors_have_the_same_shape(client: Browser) -> None:
    for path, status in (("/nowhere", 404), ("/v1/nowhere", 404), ("/v1/sync", 405), ("/login", 400)):
        refused = client.get(path)
        assert refused.status_code == status
        assert set(refused.get_json()) == {"error"}
        assert set(refused.get_json()["error"]) == {"code", "message", "detail"}


PATHS_WITH_NUL = [
    "/v1/listeners/%00/token", "/v1/listeners/a%00/plays", "/v1/batches?listener_id=%00", "/v1/imports?listener_id=ana%00",
    "/v1/listeners/ana/plays?before=2020-01-01T00:00:00_%00", "/login?listener_id=ana&display_name=%00", "/login?listener_id=%00",
    "/song?id=%00", "/recent_played?listener_id=%00", "/callback?state=%00&code=1", "/v1/nowhere?%00=1", "/%00",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS_WITH_NUL)
def test_nul_in_address_is_rejected(client: Browser, path: str) -> None:
    refused = client.get(path, headers=OPERATOR)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "bad_input")
    assert "NUL" in refused.get_json()["error"]["message"]


def test_browser_gets_error_page(client: Browser) -> None:
    refused = client.get("/login?listener_id=Ana", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (refused.status_code, refused.mimetype) == (400, "text/html")
    assert b"is not a valid listener id" in refused.data


def test_unexpected_error_is_500_without_details(make_app: MakeApp, simulated_spotify: str) -> None:
    app = make_app(simulated_spotify)
    app.add_url_rule("/broken", view_func=lambda: str(1 / 0))
    failed = client_of(app).get("/broken")
    assert (failed.status_code, failed.get_json()["error"]["code"]) == (500, "internal")
    assert b"division" not in failed.data


def test_openapi_document_contains_routes(client: Browser) -> None:
    spec = client.get("/openapi.json").get_json()
    assert {
        "/v1/sync",
        "/v1/jobs",
        "/v1/jobs/{job_id}",
        "/v1/imports/{import_id}",
        "/v1/listeners/{listener_id}",
        "/v1/batches/{batch_id}/promote",
        "/v1/listeners/{listener_id}/token",
    } <= set(spec["paths"])
