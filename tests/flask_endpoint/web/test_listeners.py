"""Routes for a listener: coverage, consent, plays, download, deletion and settings; and key rotation."""

import io
import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from apiflask import APIFlask
from cryptography.fernet import Fernet
from werkzeug.test import TestResponse

from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.polling.sync import sync
from flask_endpoint.reconciliation.promote import promote
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, add_connected_listener, page, play
from tests.flask_endpoint.web.listener_tables import tables_containing
from tests.flask_endpoint.web_stack import OPERATOR, MakeApp, client_of, endpoint_of

Send = Callable[..., TestResponse]
Poll = Callable[..., None]


@pytest.fixture
def app(make_app: MakeApp, faults: FaultySpotify) -> APIFlask:
    return make_app(faults.url, enrichment_per_day=0)


@pytest.fixture
def send(app: APIFlask) -> Send:
    """Return a function that sends a request below /v1 as the operator."""
    browser = client_of(app)
    return lambda method, path, **others: browser.open(f"/v1{path}", method=method, headers=OPERATOR, **others)


@pytest.fixture
def poll(app: APIFlask, faults: FaultySpotify) -> Poll:
    """Return a function that polls a page of plays for each connected listener and promotes them."""

    def sync_and_promote(*items: dict[str, Any]) -> None:
        faults.will(RECENT, page(*items))
        for batch in sync(endpoint_of(app))["batches"]:
            with endpoint_of(app).pool.connection() as connection:
                promote(connection, batch["batch_id"])

    return sync_and_promote


def at(minute: int) -> str:
    return f"2026-11-20T{10 + minute // 60}:{minute % 60:02}:00.352Z"


def test_poll_without_known_play_is_a_gap(app: APIFlask, send: Send, poll: Poll) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    poll(play(TRACKS[0], at(0)), play(TRACKS[0], at(1)))
    assert send("GET", "/listeners/ana/coverage").get_json() == {
        "listener_id": "ana",
        "spans": [
            {"started_at": "2026-11-20T10:00:00.352000Z", "ended_at": "2026-11-20T10:01:00.352000Z", "basis": "polled"}
        ],
        "gaps": [],
    }
    poll(*(play(TRACKS[0], at(minute)) for minute in range(60, 109)))
    found = send("GET", "/listeners/ana/coverage").get_json()
    assert [span["started_at"][11:16] for span in found["spans"]] == ["10:00", "11:00"]
    assert [(gap["started_at"][11:16], gap["ended_at"][11:16], gap["reason"]) for gap in found["gaps"]] == [
        ("10:01", "11:00", "a poll without a known play")
    ]
    assert send("GET", "/listeners/nobody/coverage").status_code == 404


def test_refused_poll_is_a_gap(app: APIFlask, send: Send, poll: Poll, faults: FaultySpotify) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    faults.will(RECENT, page(play(TRACKS[0], at(0)), play(TRACKS[0], at(5))))
    [batch] = sync(endpoint_of(app))["batches"]
    send("POST", f"/batches/{batch['batch_id']}/refuse", json={"reason": "Damaged."})
    [gap] = send("GET", "/listeners/ana/coverage").get_json()["gaps"]
    assert (gap["started_at"][11:16], gap["ended_at"][11:16], gap["reason"]) == ("10:00", "10:05", "a poll was refused")


def test_waiting_poll_before_promoted_poll_is_a_gap(
    app: APIFlask, send: Send, poll: Poll, faults: FaultySpotify
) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    poll(play(TRACKS[0], at(0)))
    for first, last in ((0, 5), (5, 9)):
        faults.will(RECENT, page(play(TRACKS[0], at(first)), play(TRACKS[0], at(last))))
        waiting = sync(endpoint_of(app))["batches"]
    assert send("GET", "/listeners/ana/coverage").get_json()["gaps"] == [], "the latest poll is not a gap"
    with endpoint_of(app).pool.connection() as connection:
        promote(connection, waiting[-1]["batch_id"])
    [gap] = send("GET", "/listeners/ana/coverage").get_json()["gaps"]
    assert (gap["started_at"][11:16], gap["reason"]) == ("10:05", "a poll waits for the gate")


@pytest.mark.parametrize(("days", "ends_soon"), [(1, False), (140, False), (160, True)])
def test_consent_ends_soon_during_its_last_30_days(
    app: APIFlask, send: Send, poll: Poll, source: psycopg.Connection, faults: FaultySpotify, days: int, ends_soon: bool
) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    source.execute("UPDATE vault.token SET authorized_at = now() - make_interval(days => %s)", (days,))
    assert send("GET", "/listeners/ana/token").get_json()["ends_soon"] is ends_soon
    assert [listener["ends_soon"] for listener in send("GET", "/listeners").get_json()["listeners"]] == [ends_soon]
    faults.will(RECENT, page())
    assert [ending["listener_id"] for ending in sync(endpoint_of(app))["ending"]] == ["ana"] * ends_soon


def test_plays_are_listed_latest_first_in_pages(app: APIFlask, send: Send, poll: Poll) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    poll(*(play(TRACKS[0], at(minute)) for minute in range(5)))
    ends, before = [], ""
    while before is not None:
        answer = send(
            "GET", "/listeners/ana/plays", query_string={"limit": 2} | ({"before": before} if before else {})
        ).get_json()
        ends += [one["ended_at"][14:16] for one in answer["plays"]]
        before = answer["next_before"]
    assert ends == ["04", "03", "02", "01", "00"]
    assert send("GET", "/listeners/ana/plays?before=x").status_code == 400


def test_download_contains_all_rows_of_listener_except_tokens(app: APIFlask, send: Send, poll: Poll) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    add_connected_listener(endpoint_of(app), "bob")
    poll(play(TRACKS[0], at(0)))
    answer = send("GET", "/listeners/ana/export")
    lines = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert [line["table"] for line in lines] == [
        "raw.listener",
        "landing.batch",
        "raw.coverage",
        "landing.play",
        "raw.play",
    ]
    assert lines[-1]["row"]["track_id"] == TRACKS[0]
    assert "bob" not in answer.get_data(as_text=True) and "r-ana" not in answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="listening_of_ana.ndjson"'
    assert send("GET", "/listeners/nobody/export").status_code == 404


def test_disconnected_listener_is_not_polled_and_keeps_plays(
    app: APIFlask, send: Send, poll: Poll, source: psycopg.Connection, faults: FaultySpotify
) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    poll(play(TRACKS[0], at(0)))
    assert send("POST", "/listeners/ana/disconnect").get_json() == {"listener_id": "ana", "was_connected": True}
    assert send("POST", "/listeners/ana/disconnect").get_json()["was_connected"] is False
    requests_before = faults.times(RECENT)
    assert sync(endpoint_of(app))["failures"] == []
    assert faults.times(RECENT) == requests_before
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (1,)
    assert send("POST", "/listeners/nobody/disconnect").status_code == 404


def test_deletion_removes_listener_from_every_table_and_keeps_others(
    app: APIFlask, send: Send, poll: Poll, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    add_connected_listener(endpoint_of(app), "bob")
    poll(play(TRACKS[0], at(0)))
    upload = {"listener_id": "ana", "files": (io.BytesIO(b"[]"), "endsong_0.json")}
    assert send("POST", "/imports", data=upload).status_code == 202
    source.execute(
        'INSERT INTO jobs.result SELECT id, \'{"batches": [{"listener_id": "ana"}]}\' FROM jobs.procrastinate_jobs'
    )
    [upload_folder] = list(endpoint_of(app).settings.upload_dir.iterdir())
    tables_of_bob = tables_containing(source, '"bob"')
    assert {"raw.listener", "raw.play", "landing.batch", "vault.token", "jobs.procrastinate_jobs"} <= tables_containing(
        source, '"ana"'
    )
    assert send("DELETE", "/listeners/ana").status_code == 422
    assert send("DELETE", "/listeners/ana?origin=all").get_json() == {
        "listener_id": "ana",
        "origin": "all",
        "rows_deleted": 1,
    }
    assert tables_containing(source, '"ana"') == set()
    assert tables_containing(source, '"bob"') == tables_of_bob
    assert source.execute("SELECT count(*) FROM landing.play").fetchone() == (1,)
    assert not upload_folder.exists()
    assert send("DELETE", "/listeners/ana?origin=all").status_code == 404


def test_only_polled_plays_can_be_deleted(app: APIFlask, send: Send, poll: Poll, source: psycopg.Connection) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    poll(play(TRACKS[0], at(0)))
    [(version,)] = source.execute("SELECT version FROM raw.listener")
    assert send("DELETE", "/listeners/ana?origin=api").get_json()["rows_deleted"] == 1
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (0,)
    assert source.execute("SELECT count(*) FROM vault.token").fetchone() == (0,)
    [(later_version,)] = source.execute("SELECT version FROM raw.listener")
    assert later_version > version


def test_only_a_real_change_of_settings_raises_version(app: APIFlask, send: Send) -> None:
    add_connected_listener(endpoint_of(app), "ana")
    before = send("GET", "/listeners/ana").get_json()
    assert (before["display_name"], before["time_zone"], before["counts_private"], before["token_state"]) == ("ana", "UTC", False, "connected")  # fmt: skip
    changed = send(
        "PATCH", "/listeners/ana", json={"time_zone": "Europe/Madrid", "counts_private": True, "display_name": " Ana "}
    )
    assert changed.status_code == 200
    expected = before | {
        "time_zone": "Europe/Madrid",
        "counts_private": True,
        "display_name": "Ana",
        "version": before["version"] + 1,
    }
    assert changed.get_json() == expected
    assert send("PATCH", "/listeners/ana", json={"counts_private": True, "time_zone": None}).get_json() == expected
    assert (
        send("PATCH", "/listeners/ana", json={"counts_private": False}).get_json()["version"] == before["version"] + 2
    )
    for wrong, status in (
        ({"time_zone": "Mars/Olympus"}, 400), ({"display_name": "  "}, 400), ({"display_name": "a\0"}, 422), ({"version": 9}, 422), ({"counts_private": "maybe"}, 422),
    ):  # fmt: skip
        assert send("PATCH", "/listeners/ana", json=wrong).status_code == status, wrong
    assert send("GET", "/listeners/bob").status_code == send("PATCH", "/listeners/bob", json={}).status_code == 404


def test_rotation_encrypts_tokens_with_first_key(
    make_app: MakeApp, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    former, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    add_connected_listener(endpoint_of(make_app(faults.url, token_key=former)), "ana")
    both = make_app(faults.url, token_key=f"{new},{former}")
    assert client_of(both).post("/v1/tokens/rotate", headers=OPERATOR).get_json() == {"tokens": 1}
    [(stored,)] = source.execute("SELECT refresh_token FROM vault.token").fetchall()
    assert Fernet(new).decrypt(bytes(stored)) == b"r-ana"
    refused = client_of(make_app(faults.url, token_key=former)).post("/v1/tokens/rotate", headers=OPERATOR)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (409, "conflict")


def test_listeners_are_listed_by_id_in_pages(app: APIFlask, send: Send) -> None:
    with endpoint_of(app).pool.connection() as connection:
        for listener in ("chie", "ana", "ben"):
            ensure_listener(connection, listener)
    first = send("GET", "/listeners?limit=2").get_json()
    assert ([one["listener_id"] for one in first["listeners"]], first["next_before"]) == (["ana", "ben"], "ben")
    rest = send("GET", f"/listeners?limit=2&before={first['next_before']}").get_json()
    assert ([one["listener_id"] for one in rest["listeners"]], rest["next_before"]) == (["chie"], None)
