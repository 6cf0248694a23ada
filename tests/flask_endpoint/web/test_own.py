"""A signed-in listener reads, downloads, disconnects and deletes their own data only."""

import json
from typing import Any

import psycopg
import pytest
from apiflask import APIFlask

from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.polling.sync import sync
from flask_endpoint.reconciliation.forget import delete_listeners
from flask_endpoint.reconciliation.promote import promote
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, add_connected_listener, page, play
from tests.flask_endpoint.web_stack import (
    OPERATOR,
    Browser,
    MakeApp,
    as_listener,
    client_of,
    csrf_token,
    endpoint_of,
    sign_in,
)


@pytest.fixture
def app(make_app: MakeApp, faults: FaultySpotify) -> APIFlask:
    """Return an application with two listeners who have one play each."""
    made = make_app(faults.url, enrichment_per_day=0)
    for listener in ("ana", "ben"):
        add_connected_listener(endpoint_of(made), listener)
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    for batch in sync(endpoint_of(made))["batches"]:
        with endpoint_of(made).pool.connection() as connection:
            promote(connection, batch["batch_id"])
    return made


@pytest.fixture
def ana(app: APIFlask) -> Browser:
    return as_listener(app, "ana")


def test_start_page_of_listener_shows_own_coverage_only(ana: Browser, source: psycopg.Connection) -> None:
    text = ana.get("/").get_data(as_text=True)
    assert "Signed in as ana" in text and "ben" not in text
    assert "2026-11-20 10:00" in text and "polled without a gap" in text
    assert "No gaps are known" in text
    source.execute("UPDATE landing.batch SET status = 'refused'")
    assert "a poll was refused" in ana.get("/").get_data(as_text=True)
    for path in ("/jobs", "/login?listener_id=ana", "/v1/batches"):
        assert ana.get(path).status_code == 401


def test_start_page_on_loopback_includes_data_of_signed_in_listener(app: APIFlask) -> None:
    browser = client_of(app)
    assert "Your data" not in browser.get("/").get_data(as_text=True)
    sign_in(app, browser, "ana")
    text = browser.get("/").get_data(as_text=True)
    assert "Your data" in text and "Import an export" in text


def test_session_ends_when_listener_is_deleted_even_if_id_is_used_again(
    app: APIFlask, ana: Browser, source: psycopg.Connection
) -> None:
    assert ana.get("/v1/listeners/ana").status_code == 200
    assert client_of(app).delete("/v1/listeners/ana?origin=all", headers=OPERATOR).status_code == 200
    assert ana.get("/v1/listeners/ana").status_code == 401
    source.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Another Ana')")
    assert ana.get("/v1/listeners/ana").status_code == 401
    assert "Another Ana" not in ana.get("/").get_data(as_text=True)


def test_listener_downloads_own_data_only(ana: Browser) -> None:
    assert 'href="/v1/listeners/ana/export"' in ana.get("/").get_data(as_text=True)
    lines = ana.get("/v1/listeners/ana/export").get_data(as_text=True).splitlines()
    assert json.loads(lines[0])["row"]["listener_id"] == "ana"
    assert ana.get("/v1/listeners/ben/export").status_code == 401


def test_listener_disconnects(ana: Browser, source: psycopg.Connection) -> None:
    done = ana.post("/own/disconnect", data={"csrf_token": csrf_token(ana)})
    assert (done.status_code, done.location) == (303, "/")
    assert source.execute("SELECT listener_id FROM vault.token").fetchall() == [("ben",)]
    text = ana.get("/").get_data(as_text=True)
    assert "Spotify is disconnected" in text and "Disconnect Spotify" not in text


def test_listener_deletes_everything_after_entering_their_name(ana: Browser, source: psycopg.Connection) -> None:
    token = csrf_token(ana)
    for wrong in ("", "ben", "Ana"):
        assert ana.post("/own/delete", data={"csrf_token": token, "confirmation": wrong}).status_code == 400
    done = ana.post("/own/delete", data={"csrf_token": token, "confirmation": " ana "})
    assert (done.status_code, "is deleted" in done.get_data(as_text=True)) == (200, True)
    assert source.execute("SELECT listener_id FROM raw.listener").fetchall() == [("ben",)]
    assert source.execute("SELECT listener_id FROM raw.play").fetchall() == [("ben",)]
    assert ana.get("/").status_code == 401, "signed out"


def test_deletion_requires_sign_in(app: APIFlask, source: psycopg.Connection) -> None:
    browser = client_of(app)
    for path in ("/own/delete", "/own/disconnect"):
        assert browser.post(path, data={"csrf_token": csrf_token(browser), "confirmation": "ana"}).status_code == 401
    assert source.execute("SELECT count(*) FROM raw.listener").fetchone() == (2,)


CHANGES = [
    ("PATCH", "", {"json": {"counts_private": True}}),
    ("POST", "/disconnect", {}),
    ("DELETE", "?origin=api", {}),
    ("DELETE", "?origin=all", {}),
]


@pytest.mark.parametrize(("method", "path", "sent"), CHANGES)
def test_session_needs_csrf_token_and_changes_only_its_own_listener(
    ana: Browser, source: psycopg.Connection, method: str, path: str, sent: dict[str, Any]
) -> None:
    headers = {"X-CSRFToken": csrf_token(ana)}
    tables = "SELECT count(*), sum(version), (SELECT count(*) FROM vault.token) FROM raw.listener"
    before = source.execute(tables).fetchone()
    assert ana.open(f"/v1/listeners/ana{path}", method=method, **sent).status_code == 400
    for other in ("ben", "ghost"):
        assert ana.open(f"/v1/listeners/{other}{path}", method=method, headers=headers, **sent).status_code == 401
    assert source.execute(tables).fetchone() == before
    assert ana.open(f"/v1/listeners/ana{path}", method=method, headers=headers, **sent).status_code == 200
    assert source.execute(tables).fetchone() != before


def test_deleting_listener_named_like_json_key_keeps_other_results(app: APIFlask, source: psycopg.Connection) -> None:
    results = [
        '{"error": "It failed."}',
        '{"files": [], "listener_id": "ben"}',
        '{"failures": [{"listener_id": "error"}]}',
    ]
    with endpoint_of(app).pool.connection() as connection:
        for listener_id in ("error", "files"):
            ensure_listener(connection, listener_id)
    source.execute("SET search_path TO jobs")
    for result in results:
        source.execute(
            "WITH job AS (INSERT INTO jobs.procrastinate_jobs (queue_name, task_name) VALUES ('default', 'sync') RETURNING id)"
            " INSERT INTO jobs.result (job_id, result) SELECT id, %s FROM job",
            (result,),
        )
    with endpoint_of(app).pool.connection() as connection:
        delete_listeners(connection, ["error", "files"])
    assert source.execute("SELECT count(*) FROM jobs.result").fetchone() == (2,)
