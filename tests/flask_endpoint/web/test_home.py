"""The start page lists listeners and imports."""

import psycopg

from tests.flask_endpoint.web_stack import OPERATOR, Browser, connect


def test_empty_database_shows_empty_lists(client: Browser) -> None:
    page = client.get("/").get_data(as_text=True)
    assert "No listeners yet." in page
    assert "No imports yet." in page


def test_start_page_says_that_spotify_is_simulated(client: Browser) -> None:
    assert "simulated Spotify" in client.get("/").get_data(as_text=True)


def test_start_page_shows_latest_play_and_end_of_consent(client: Browser, source: psycopg.Connection) -> None:
    connect(client, "ana", time_zone="Europe/Madrid", display_name="<b>Ana</b>")
    source.execute(
        "INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin) "
        "VALUES ('p', 'ana', '2026-11-20 10:00Z', 'track', 't', false, 'api')"
    )
    page = client.get("/").get_data(as_text=True)
    assert "&lt;b&gt;Ana&lt;/b&gt;" in page
    assert "2026-11-20 10:00" in page
    assert "connected</span>" in page
    source.execute("UPDATE vault.token SET authorized_at = now() - interval '160 days'")
    assert "connect again by" in client.get("/").get_data(as_text=True)
    source.execute("UPDATE vault.token SET status = 'reconnect', reason = 'expired'")
    assert "connect again" in client.get("/").get_data(as_text=True)


def test_listeners_are_listed_with_state_of_connection(client: Browser, source: psycopg.Connection) -> None:
    connect(client, "ana", time_zone="Europe/Madrid")
    source.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ben', 'Ben')")
    listed = client.get("/v1/listeners", headers=OPERATOR).get_json()["listeners"]
    assert [(one["listener_id"], one["time_zone"], one["token_state"], one["is_simulated"]) for one in listed] == [
        ("ana", "Europe/Madrid", "connected", True),
        ("ben", "UTC", "none", False),
    ]
