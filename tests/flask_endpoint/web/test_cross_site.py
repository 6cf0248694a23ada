"""Requests that another web site caused are refused, except for the start page and Spotify's redirect."""

import psycopg
import pytest
from apiflask import APIFlask

from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import TRACKS, add_connected_listener
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, client_of, consent, endpoint_of

CROSS_SITE = {"Sec-Fetch-Site": "cross-site"}


def test_every_route_but_start_page_and_callback_refuses_cross_site_requests(app: APIFlask, client: Browser) -> None:
    refused: set[str] = set()
    answered: set[str] = set()
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<listener_id>", "ana").replace("<item_id>", TRACKS[0])
        path = path.replace("<path:filename>", "icon.svg")
        for name in ("job_id", "import_id", "batch_id"):
            path = path.replace(f"<int:{name}>", "1")
        assert "<" not in path
        for method in (rule.methods or set()) - {"OPTIONS"}:
            answer = client.open(path, method=method, headers=CROSS_SITE)
            (refused if answer.status_code == 403 else answered).add(f"{method} {rule.rule}")
    assert answered == {"GET /", "HEAD /", "GET /callback", "HEAD /callback"}
    assert {"GET /song", "GET /login", "GET /static/<path:filename>", "GET /v1/listeners/<listener_id>"} <= refused


def test_cross_site_request_spends_no_quota(make_app: MakeApp, faults: FaultySpotify) -> None:
    app = make_app(faults.url)
    add_connected_listener(endpoint_of(app), "ana")
    answer = client_of(app).get(f"/song?id={TRACKS[0]}", headers=CROSS_SITE)
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "cross_site")
    with endpoint_of(app).pool.connection() as connection:
        assert connection.execute("SELECT FROM raw.catalog_calls").fetchall() == []


def test_cross_site_login_stores_nothing(client: Browser, source: psycopg.Connection) -> None:
    answer = client.get("/login?listener_id=ana&display_name=Changed", headers=CROSS_SITE)
    assert (answer.status_code, source.execute("SELECT FROM vault.login").fetchall()) == (403, [])


def test_refusal_is_a_page_for_browsers(client: Browser) -> None:
    answer = client.get("/docs", headers={**CROSS_SITE, "Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "Another web site sent you here" in answer.get_data(as_text=True)


@pytest.mark.parametrize("site", ["same-origin", "same-site", "none"])
def test_other_requests_are_answered(client: Browser, site: str) -> None:
    assert client.get("/docs", headers={"Sec-Fetch-Site": site}).status_code == 200
    assert client.get("/v1/listeners", headers={**OPERATOR, "Sec-Fetch-Site": site}).status_code == 200


def test_redirect_from_spotify_is_answered(client: Browser) -> None:
    back = consent(client, "ana").removeprefix("http://127.0.0.1:8000")
    answer = client.get(back, headers=CROSS_SITE)
    assert (answer.status_code, answer.location) == (302, "/")
    page = client.get("/", headers=CROSS_SITE).get_data(as_text=True)
    assert "is connected" in page and "Signed in as ana" in page
