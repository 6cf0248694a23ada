"""What is known of a listener and what can be done with it: coverage, consent's end, plays, download, deletion, key rotation."""

import io
import json

import pytest
from cryptography.fernet import Fernet

from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.polling.sync import sync
from flask_endpoint.reconciliation.promote import promote
from tests.flask_endpoint.polling.test_sync import RECENT, TRACKS, keep, page, play
from tests.flask_endpoint.web_stack import OPERATOR, client_of, endpoint_of


@pytest.fixture
def app(make_app, faults):
    return make_app(faults.url, enrichment_per_day=0)


@pytest.fixture
def ask(app):
    """Ask as the operator; a path below /v1."""
    browser = client_of(app)
    return lambda method, path, **others: browser.open(f"/v1{path}", method=method, headers=OPERATOR, **others)


@pytest.fixture
def hear(app, faults):
    """Poll these plays of everybody connected, and promote them."""

    def hear(*items):
        faults.will(RECENT, page(*items))
        for batch in sync(endpoint_of(app))["batches"]:
            with endpoint_of(app).pool.connection() as connection:
                promote(connection, batch["batch_id"])

    return hear


def at(minute):
    return f"2026-11-20T{10 + minute // 60}:{minute % 60:02}:00.352Z"


def test_a_poll_without_a_known_play_is_a_possible_gap(app, ask, hear):
    keep(endpoint_of(app), "ana")
    hear(play(TRACKS[0], at(0)), play(TRACKS[0], at(1)))
    assert ask("GET", "/listeners/ana/coverage").json == {
        "listener_id": "ana",
        "spans": [
            {"started_at": "2026-11-20T10:00:00.352000Z", "ended_at": "2026-11-20T10:01:00.352000Z", "basis": "polled"}
        ],
        "gaps": [],
    }
    hear(*(play(TRACKS[0], at(minute)) for minute in range(60, 109)))
    found = ask("GET", "/listeners/ana/coverage").json
    assert [span["started_at"][11:16] for span in found["spans"]] == ["10:00", "11:00"]
    assert [(gap["started_at"][11:16], gap["ended_at"][11:16], gap["reason"]) for gap in found["gaps"]] == [
        ("10:01", "11:00", "a poll without a known play")
    ]
    assert ask("GET", "/listeners/nobody/coverage").status_code == 404


def test_a_refused_poll_is_a_gap_until_it_is_brought_back(app, ask, hear, faults):
    keep(endpoint_of(app), "ana")
    faults.will(RECENT, page(play(TRACKS[0], at(0)), play(TRACKS[0], at(5))))
    [batch] = sync(endpoint_of(app))["batches"]
    ask("POST", f"/batches/{batch['batch_id']}/refuse", json={"reason": "Damaged."})
    [gap] = ask("GET", "/listeners/ana/coverage").json["gaps"]
    assert (gap["started_at"][11:16], gap["ended_at"][11:16], gap["reason"]) == ("10:00", "10:05", "a poll was refused")


def test_a_poll_that_waits_while_a_later_one_is_promoted_is_a_gap(app, ask, hear, faults):
    keep(endpoint_of(app), "ana")
    hear(play(TRACKS[0], at(0)))
    for first, last in ((0, 5), (5, 9)):
        faults.will(RECENT, page(play(TRACKS[0], at(first)), play(TRACKS[0], at(last))))
        waiting = sync(endpoint_of(app))["batches"]
    assert ask("GET", "/listeners/ana/coverage").json["gaps"] == [], "a poll that is simply the latest is none"
    with endpoint_of(app).pool.connection() as connection:
        promote(connection, waiting[-1]["batch_id"])
    [gap] = ask("GET", "/listeners/ana/coverage").json["gaps"]
    assert (gap["started_at"][11:16], gap["reason"]) == ("10:05", "a poll waits for the gate")


@pytest.mark.parametrize(("days", "ends_soon"), [(1, False), (140, False), (160, True)])
def test_the_end_of_a_consent_is_foretold_30_days_ahead(app, ask, hear, source, faults, days, ends_soon):
    keep(endpoint_of(app), "ana")
    source.execute("UPDATE vault.token SET authorized_at = now() - make_interval(days => %s)", (days,))
    assert ask("GET", "/listeners/ana/token").json["ends_soon"] is ends_soon
    assert [listener["ends_soon"] for listener in ask("GET", "/listeners").json["listeners"]] == [ends_soon]
    faults.will(RECENT, page())
    assert [ending["listener_id"] for ending in sync(endpoint_of(app))["ending"]] == ["ana"] * ends_soon


def test_plays_are_told_latest_first_a_page_at_a_time(app, ask, hear):
    keep(endpoint_of(app), "ana")
    hear(*(play(TRACKS[0], at(minute)) for minute in range(5)))
    seen, before = [], ""
    while before is not None:
        answer = ask(
            "GET", "/listeners/ana/plays", query_string={"limit": 2} | ({"before": before} if before else {})
        ).json
        seen += [one["ended_at"][14:16] for one in answer["plays"]]
        before = answer["next_before"]
    assert seen == ["04", "03", "02", "01", "00"]
    assert ask("GET", "/listeners/ana/plays?before=x").status_code == 400


def test_a_download_holds_everything_but_the_tokens(app, ask, hear):
    keep(endpoint_of(app), "ana")
    keep(endpoint_of(app), "bob")
    hear(play(TRACKS[0], at(0)))
    answer = ask("GET", "/listeners/ana/export")
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
    assert ask("GET", "/listeners/nobody/export").status_code == 404


def test_who_disconnects_is_not_asked_for_and_keeps_their_plays(app, ask, hear, source, faults):
    keep(endpoint_of(app), "ana")
    hear(play(TRACKS[0], at(0)))
    assert ask("POST", "/listeners/ana/disconnect").json == {"listener_id": "ana", "was_connected": True}
    assert ask("POST", "/listeners/ana/disconnect").json["was_connected"] is False
    asked = faults.times(RECENT)
    assert sync(endpoint_of(app))["failures"] == []
    assert faults.times(RECENT) == asked
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (1,)
    assert ask("POST", "/listeners/nobody/disconnect").status_code == 404


def everything_of(source, listener_id):
    """Tables of source with a row that names the listener anywhere."""
    tables = source.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('landing', 'raw', 'vault', 'jobs')"
    ).fetchall()
    query = "SELECT count(*) FROM {} AS t WHERE to_jsonb(t)::text LIKE '%%\"' || %s || '\"%%'"
    return {table for (table,) in tables if source.execute(query.format(table), (listener_id,)).fetchone() != (0,)}


def test_a_deleted_listener_is_gone_from_every_table_and_others_stay(app, ask, hear, source):
    keep(endpoint_of(app), "ana")
    keep(endpoint_of(app), "bob")
    hear(play(TRACKS[0], at(0)))
    upload = {"listener_id": "ana", "files": (io.BytesIO(b"[]"), "endsong_0.json")}
    assert ask("POST", "/imports", data=upload).status_code == 202
    source.execute(
        'INSERT INTO jobs.result SELECT id, \'{"batches": [{"listener_id": "ana"}]}\' FROM jobs.procrastinate_jobs'
    )
    [kept] = list(endpoint_of(app).settings.upload_dir.iterdir())
    bobs = everything_of(source, "bob")
    assert {"raw.listener", "raw.play", "landing.batch", "vault.token", "jobs.procrastinate_jobs"} <= everything_of(
        source, "ana"
    )
    assert ask("DELETE", "/listeners/ana").status_code == 422
    assert ask("DELETE", "/listeners/ana?origin=all").json == {"listener_id": "ana", "origin": "all", "rows_deleted": 1}
    assert everything_of(source, "ana") == set()
    assert everything_of(source, "bob") == bobs
    assert source.execute("SELECT count(*) FROM landing.play").fetchone() == (1,)
    assert not kept.exists()
    assert ask("DELETE", "/listeners/ana?origin=all").status_code == 404


def test_what_the_api_gave_can_be_deleted_alone(app, ask, hear, source):
    keep(endpoint_of(app), "ana")
    hear(play(TRACKS[0], at(0)))
    version = source.execute("SELECT version FROM raw.listener").fetchone()
    assert ask("DELETE", "/listeners/ana?origin=api").json["rows_deleted"] == 1
    assert source.execute("SELECT count(*) FROM raw.play").fetchone() == (0,)
    assert source.execute("SELECT count(*) FROM vault.token").fetchone() == (0,)
    assert source.execute("SELECT version FROM raw.listener").fetchone() > version


def test_a_listener_is_told_and_changed_and_only_a_change_raises_the_version(app, ask):
    keep(endpoint_of(app), "ana")
    before = ask("GET", "/listeners/ana").json
    assert (before["display_name"], before["time_zone"], before["counts_private"], before["token_state"]) == ("ana", "UTC", False, "connected")  # fmt: skip
    changed = ask(
        "PATCH", "/listeners/ana", json={"time_zone": "Europe/Madrid", "counts_private": True, "display_name": " Ana "}
    )
    assert changed.status_code == 200
    expected = before | {
        "time_zone": "Europe/Madrid",
        "counts_private": True,
        "display_name": "Ana",
        "version": before["version"] + 1,
    }
    assert changed.json == expected
    assert ask("PATCH", "/listeners/ana", json={"counts_private": True, "time_zone": None}).json == expected
    assert ask("PATCH", "/listeners/ana", json={"counts_private": False}).json["version"] == before["version"] + 2
    for wrong, status in (
        ({"time_zone": "Mars/Olympus"}, 400), ({"display_name": "  "}, 400), ({"display_name": "a\0"}, 422), ({"version": 9}, 422), ({"counts_private": "maybe"}, 422),
    ):  # fmt: skip
        assert ask("PATCH", "/listeners/ana", json=wrong).status_code == status, wrong
    assert ask("GET", "/listeners/bob").status_code == ask("PATCH", "/listeners/bob", json={}).status_code == 404


def test_tokens_are_encrypted_anew_with_the_first_key(make_app, faults, source):
    former, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keep(endpoint_of(make_app(faults.url, token_key=former)), "ana")
    both = make_app(faults.url, token_key=f"{new},{former}")
    assert client_of(both).post("/v1/tokens/rotate", headers=OPERATOR).json == {"tokens": 1}
    [(stored,)] = source.execute("SELECT refresh_token FROM vault.token").fetchall()
    assert Fernet(new).decrypt(bytes(stored)) == b"r-ana"
    refused = client_of(make_app(faults.url, token_key=former)).post("/v1/tokens/rotate", headers=OPERATOR)
    assert (refused.status_code, refused.json["error"]["code"]) == (409, "conflict")


def test_listeners_are_listed_by_id_a_page_at_a_time(app, ask):
    with endpoint_of(app).pool.connection() as connection:
        for listener in ("chie", "ana", "ben"):
            ensure_listener(connection, listener)
    first = ask("GET", "/listeners?limit=2").json
    assert ([one["listener_id"] for one in first["listeners"]], first["next_before"]) == (["ana", "ben"], "ben")
    rest = ask("GET", f"/listeners?limit=2&before={first['next_before']}").json
    assert ([one["listener_id"] for one in rest["listeners"]], rest["next_before"]) == (["chie"], None)
