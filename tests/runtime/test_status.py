"""`make status` says when the replica was last proven equal to main, and whether changes were lost."""

import json
import os
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import cast
from urllib.parse import urlsplit

import psycopg
import pytest

from runtime.definition.stack import PROJECT
from runtime.operations import status
from runtime.runtimes import Runtime

INSERT = """
    INSERT INTO audit.replica_check
    SELECT gen_random_uuid()::text, now() - %s::interval, 1, %s, 1, 1, 0, %s
"""
DIFFERENCE = "Tables that differ: core.fct_play (1 key)."
NOT_COMPARED = "Timed out after 120 s waiting for the marker in the replica. Connectors: replica-sink [FAILED]."


def runtime_with(settings: dict[str, str]) -> Runtime:
    """Return what a section of the status reads of a runtime: the settings of its stack."""
    return cast(Runtime, SimpleNamespace(stack=SimpleNamespace(settings=lambda: settings)))


@pytest.fixture(scope="module")
def main_url() -> Iterator[str]:
    server = os.environ.get("TEST_POSTGRES_URL") or pytest.fail(
        "Set TEST_POSTGRES_URL to a PostgreSQL superuser's URL."
    )
    name = f"runtime_test_main_{uuid.uuid4().hex[:8]}"
    url = urlsplit(server)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True, connect_timeout=10) as owner:
        owner.execute(f"CREATE DATABASE {name}")
        try:
            command = [os.environ["MIGRATE_PYTHON"], "-m", "sql.migrate", "main", "--url", url]
            subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=120)
            yield url
        finally:
            owner.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def proof(main_url: str) -> Callable[..., str]:
    """Return a function that returns the line on the replica after verifications of the given age, outcome and reason."""

    def line(*checks: tuple[str, str, str | None]) -> str:
        with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as main:
            main.execute("TRUNCATE audit.replica_check")
            for check in checks:
                main.execute(INSERT, check)
        (shown,) = status._answer(status._proof, runtime_with({"MAIN_DATABASE_URL": main_url}))
        return shown

    return line


def test_before_the_first_verification_the_line_says_how_to_run_one(proof: Callable[..., str]) -> None:
    assert proof() == "Replica: never compared with main. Run `make verify-replica`."


def test_line_says_when_the_replica_was_last_proven_equal(proof: Callable[..., str]) -> None:
    checks = [("3 hours", "equal", None), ("2 days", "equal", None), ("1 day", "different", DIFFERENCE)]
    assert proof(*checks) == "Replica: proven equal to main 3 h ago."


def test_later_difference_is_named_with_what_to_do(proof: Callable[..., str]) -> None:
    shown = proof(("3 days", "equal", None), ("5 minutes", "different", DIFFERENCE))
    assert shown == (
        "Replica: proven equal to main 3 days ago, found different 5 min ago (Tables that differ: core.fct_play (1 key)). "
        "Run `make verify-replica` to see the rows that differ."
    )


def test_later_verification_that_could_not_run_does_not_hide_a_difference(proof: Callable[..., str]) -> None:
    shown = proof(("2 hours", "different", DIFFERENCE), ("1 hour", "not_compared", NOT_COMPARED))
    assert shown.startswith("Replica: never proven equal to main, found different 2 h ago (Tables that differ: ")
    assert "), could not be compared 1 h ago (Timed out after 120 s waiting" in shown
    assert shown.endswith("[FAILED]). Run `make verify-replica` to see the rows that differ.")


def test_verification_that_could_not_run_is_to_be_run_again(proof: Callable[..., str]) -> None:
    shown = proof(("1 day", "equal", None), ("1 hour", "not_compared", NOT_COMPARED))
    assert shown.startswith("Replica: proven equal to main 24 h ago, could not be compared 1 h ago (Timed out")
    assert shown.endswith("Run `make verify-replica` to compare again.")


def test_main_that_was_not_migrated_is_reported(main_url: str) -> None:
    runtime = runtime_with({"MAIN_DATABASE_URL": main_url})
    with psycopg.connect(main_url, autocommit=True, connect_timeout=10) as main:
        main.execute("ALTER TABLE audit.replica_check RENAME TO other")
        try:
            (shown,) = status._answer(status._proof, runtime)
        finally:
            main.execute("ALTER TABLE audit.other RENAME TO replica_check")
    assert shown.startswith("The database main lacks a table (") and shown.endswith("Run `make migrate`.")


FAULT = "Kafka lost its data. Run make resync-replica."
SILENT = "The watchdog does not report whether changes were lost (ConnectionError)."

Lines = Callable[[dict[str, object] | None], list[str]]


@pytest.fixture
def watchdog() -> Iterator[Lines]:
    """Return a function that serves an answer as the watchdog does, and returns the lines of the status."""
    servers: list[HTTPServer] = []

    def lines(answer: dict[str, object] | None) -> list[str]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        port = server.server_port
        if answer is None:
            server.server_close()
        else:
            servers.append(server)
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return status._answer(status._lost_changes, runtime_with({"WATCHDOG_PORT": str(port)}))

    yield lines
    for server in servers:
        server.shutdown()
        server.server_close()


NOTHING: dict[str, object] = {"fault": "", "dead_letters": 0, "failing": {}}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (NOTHING, []),
        (NOTHING | {"fault": FAULT}, [f"CDC: {FAULT}"]),
        (
            NOTHING | {"failing": {"replica-sink": "the replica does not answer"}},
            [
                "CDC: replica-sink fails: the replica does not answer. It is restarted until it runs; see `make logs S=connect`."
            ],
        ),
        (NOTHING | {"dead_letters": 1}, ["CDC: the replica refuses 1 row of main. Run `make dead-letters`."]),
        (None, [SILENT]),
    ],
)
def test_lost_changes_that_the_watchdog_found_are_shown(
    watchdog: Lines, answer: dict[str, object] | None, shown: list[str]
) -> None:
    assert watchdog(answer) == shown


KEPT = "CDC: Kafka keeps changes for 72 h. If the replica does not follow before, the watchdog copies main again."


@pytest.mark.parametrize(
    ("seconds", "age", "more"),
    [(3.2, "3 s", []), (86_399.0, "23 h", []), (86_400.0, "24 h", [KEPT]), (200_000.0, "2 days", [KEPT])],
)
def test_replica_that_is_far_behind_is_shown_with_what_happens_then(
    monkeypatch: pytest.MonkeyPatch, seconds: float, age: str, more: list[str]
) -> None:
    monkeypatch.setattr(status, "replication_lag", lambda _: seconds)
    shown = status._answer(status._lag, runtime_with({}))
    assert shown == [f"CDC: the replica saw main's heartbeat of {age} ago (one is sent every 5 s).", *more]
