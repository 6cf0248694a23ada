"""Poll for about 30 simulated hours with random faults: every play that the simulated Spotify showed is stored exactly once."""

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from werkzeug.serving import make_server

from flask_endpoint.polling.sync import sync
from flask_endpoint.reconciliation.promote import promote
from simulated_spotify.app import create_app as create_spotify
from simulated_spotify.listening.history import Setting, recently_played
from simulated_spotify.settings import Settings as SpotifySettings
from tests.flask_endpoint.web_stack import MakeApp, client_of, connect, endpoint_of

STARTED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
LISTENERS = ("ana", "ben", "chie")
# The faults of one hour. Faults of `token` take effect when an access token was refused, because only then a new one is requested.
Fault = dict[str, Any]
POLLING_FAILS: list[list[Fault]] = [
    [{"on": "plays", "kind": "rate_limit", "times": None}],
    [{"on": "plays", "kind": "rate_limit", "retry_after": 3600}],
    [{"on": "plays", "kind": "quota", "times": None}],
    [{"on": "any", "kind": "no_premium", "times": None}],
    [{"on": "plays", "kind": "server_error", "status": 503, "times": None}],
    [{"on": "plays", "kind": "cut", "times": None}],
    [{"on": "plays", "kind": "no_json", "times": None}],
    [{"on": "plays", "kind": "expired_access", "times": None}],
    [{"on": "plays", "kind": "expired_access", "times": None}, {"on": "token", "kind": "server_error", "times": None}],
]
POLLING_RECOVERS: list[list[Fault]] = [
    [],
    [{"on": "plays", "kind": "rate_limit", "retry_after": 1}],
    [{"on": "plays", "kind": "expired_access"}],
    [{"on": "plays", "kind": "slow", "seconds": 0.05}],
    [{"on": "catalogue", "kind": "quota", "retry_after": 86236}],
    [{"on": "catalogue", "kind": "server_error"}],
    [{"on": "catalogue", "kind": "not_registered", "account": "ana", "times": None}],
    [{"on": "catalogue", "kind": "expired_access", "times": None}, {"on": "token", "kind": "no_json", "times": None}],
    [{"on": "catalogue", "kind": "expired_access"}, {"on": "token", "kind": "cut"}],
]


class World:
    """The simulated Spotify, its clock, and every play that it showed."""

    def __init__(self, url: str, clock_file: Path) -> None:
        self.url, self.clock_file, self.now = url, clock_file, STARTED_AT
        self.shown: dict[str, set[tuple[datetime, str]]] = {listener: set() for listener in LISTENERS}

    def advance(self, time: timedelta) -> None:
        self.now += time
        self.clock_file.write_text(self.now.isoformat())
        for listener, shown in self.shown.items():
            for play in recently_played(Setting("simulated", self.now), listener):
                shown.add(
                    (
                        STARTED_AT + timedelta(milliseconds=play.ended_at - STARTED_AT.timestamp() * 1000),
                        play.track_id or "",
                    )
                )

    def set_faults(self, queue: list[Fault], **modes: Any) -> None:
        answer = requests.put(f"{self.url}/faults", json={"queue": queue, **modes}, timeout=10)
        assert answer.status_code == 200, answer.text


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    clock_file = tmp_path / "clock"
    server = make_server("127.0.0.1", 0, lambda environ, start: served(environ, start), threaded=True)
    monkeypatch.setattr(server, "log", lambda *_: None)  # Cut connections are expected.
    url = f"http://127.0.0.1:{server.server_port}"
    served = create_spotify(SpotifySettings(clock_file=clock_file, public_url=url, client_id="", client_secret=""))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    made = World(url, clock_file)
    made.advance(timedelta())
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


def test_every_shown_play_is_stored_exactly_once(world: World, make_app: MakeApp, source: psycopg.Connection) -> None:
    app = make_app(world.url, enrichment_per_minute=3)
    endpoint, browser, dice = endpoint_of(app), client_of(app), random.Random(6)  # noqa: S311
    for listener in LISTENERS:
        connect(browser, listener)

    def end_pauses(_seconds: float = 0) -> None:
        """End Spotify's pauses, as if time had passed."""
        source.execute("UPDATE vault.pause SET paused_until = now() - interval '1 second'")

    def hour(queue: list[Fault], **modes: Any) -> list[str]:
        """Simulate at most one hour and one sync. Return the listeners that could not be polled."""
        world.advance(timedelta(minutes=dice.randint(20, 60)))
        world.set_faults(queue, **modes)
        end_pauses()
        synced = sync(endpoint, wait=end_pauses)
        for batch in synced["batches"]:
            with endpoint.pool.connection() as connection:
                promote(connection, batch["batch_id"])
        return [failure["listener_id"] for failure in synced["failures"]]

    for _ in range(24):
        modes = {
            "is_development": dice.random() < 0.5,
            "rotates": dice.choice(["always", "never", "null", None]),
            "withholds": dice.choice([None, 3, 5]),
            "shuffles": dice.random() < 0.3,
        }
        assert hour(dice.choice(POLLING_FAILS), **modes) != []  # A failure is not mistaken for "no new plays".
        assert hour(dice.choice(POLLING_RECOVERS), **modes) == []
    # One listener's consent is revoked. The others are still polled, and the revoked token is not used again.
    revoked = {"on": "token", "kind": "revoked", "account": "ben", "times": None}
    rejected_token = [revoked, {"on": "plays", "kind": "expired_access", "account": "ben", "times": None}]
    assert hour(rejected_token) == ["ben"]
    assert hour(rejected_token) == []
    world.set_faults([])
    connect(browser, "ben")
    assert hour([]) == []

    for listener, shown in world.shown.items():
        stored = source.execute(
            "SELECT ended_at, track_id FROM raw.play WHERE listener_id = %s", (listener,)
        ).fetchall()
        assert len(stored) == len(set(stored))
        assert set(stored) == shown, listener
    assert source.execute("SELECT count(*) FROM landing.batch WHERE status = 'landed'").fetchone() == (0,)
