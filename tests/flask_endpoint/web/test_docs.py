"""The docs page, the metrics, and the short addresses."""

import psycopg
import pytest

from flask_endpoint.listeners.listeners import ensure_listener
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import add_connected_listener
from tests.flask_endpoint.web_stack import OPERATOR, Browser, MakeApp, client_of, connect, endpoint_of, sign_in


def test_docs_page_lists_every_route_and_schema(client: Browser) -> None:
    spec = client.get("/openapi.json").get_json()
    page = client.get("/docs")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    for path, item in spec["paths"].items():
        for method in item:
            assert f"{method.upper()} {path}</code>" in text
    for name in spec["components"]["schemas"]:
        assert f'id="{name}"' in text
    assert "<script" not in text


def test_docs_page_links_bodies_to_schemas(client: Browser) -> None:
    text = client.get("/docs").get_data(as_text=True)
    assert 'Body: <a href="#RefusalIn">RefusalIn</a>' in text
    assert "<code>started_at</code>: date-time" in text


def test_metrics_count_batches_and_consents(
    make_app: MakeApp, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    app = make_app(faults.url)
    add_connected_listener(endpoint_of(app), "ana")
    source.execute(
        "INSERT INTO landing.batch (listener_id, kind, landed_at) VALUES ('ana', 'poll', now() - interval '1 hour')"
    )
    answer = client_of(app).get("/metrics", headers=OPERATOR)
    assert answer.mimetype == "text/plain"
    lines = answer.get_data(as_text=True).splitlines()
    assert 'listening_batches{kind="poll",status="landed"} 1.0' in lines
    assert 'listening_consents{state="connected"} 1.0' in lines
    [age] = [float(line.split()[1]) for line in lines if line.startswith("listening_oldest_landed_batch_seconds ")]
    assert 3600 <= age < 3700


def test_short_addresses_return_the_same_as_long_ones(client: Browser) -> None:
    connect(client, "ana")
    long = client.get("/v1/listeners/ana/recently-played").get_json()
    assert client.get("/recent_played?listener_id=ana").get_json() == long
    first = long["plays"][0]
    for short, kind in (("song", "track"), ("album", "album"), ("artist", "artist")):
        answer = client.get(f"/{short}?id={first[f'{kind}_id']}")
        assert (answer.status_code, answer.get_json()[f"{kind}_id"]) == (200, first[f"{kind}_id"])


@pytest.mark.parametrize("path", ["/recent_played", "/song", "/album?id=", "/artist"])
def test_short_address_without_parameter_names_the_parameter(client: Browser, path: str) -> None:
    refused = client.get(path, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (400, "bad_input")
    assert "=" in refused.get_json()["error"]["message"]


def test_signed_in_listener_may_only_request_own_plays(make_app: MakeApp, simulated_spotify: str) -> None:
    app = make_app(simulated_spotify, listen_host="0.0.0.0")  # noqa: S104
    browser = client_of(app)
    with endpoint_of(app).pool.connection() as connection:
        ensure_listener(connection, "ana")
    sign_in(app, browser, "ana")
    assert (
        browser.get("/recent_played").status_code == 409
    )  # The request is allowed, but the listener is not connected.
    assert browser.get("/recent_played?listener_id=ben").status_code == 401
    assert browser.get("/metrics").status_code == 401
