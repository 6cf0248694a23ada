"""The worker process: what happens to a running job when the process is killed or loses the worker lock."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import requests
from apiflask import APIFlask

from common.exit_codes import ExitCode
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.jobs.running import job, start_sync
from tests.flask_endpoint.polled_plays import RECENT, TRACKS, add_connected_listener, page, play
from tests.flask_endpoint.web_stack import ROOT, MakeApp, client_of, endpoint_of

CLOSE_LOCKING_CONNECTION = """
    SELECT pg_terminate_backend(l.pid) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.objid = hashtext('flask_endpoint.worker')::oid
"""

WorkerProcess = tuple[APIFlask, Callable[[], subprocess.Popen[bytes]], str]


@pytest.fixture
def worker_process(make_app: MakeApp, faults: FaultySpotify, tmp_path: Path) -> Iterator[WorkerProcess]:
    """Return an application, a function that starts a worker process for it, and the URL of the worker's health check.

    Remaining processes are killed at the end.
    """
    app = make_app(faults.url, enrichment_per_day=0)
    settings = endpoint_of(app).settings
    with socket.create_server(("127.0.0.1", 0)) as free:
        health_port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}",
        "ENDPOINT_DATABASE_URL": settings.endpoint_database_url.get_secret_value(),
        "SECRET_KEY": "secret",
        "OPERATOR_KEY": "the-operators-key",
        "TOKEN_KEY": settings.token_key.get_secret_value(),
        "SPOTIFY_CLIENT_ID": "our-app",
        "SPOTIFY_API_URL": faults.url,
        "SPOTIFY_ACCOUNTS_URL": faults.url,
        "SPOTIFY_IS_SIMULATED": "true",
        "ENRICHMENT_PER_DAY": "0",
        "WORKER_HEALTH_PORT": str(health_port),
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        log = (tmp_path / f"worker_{len(started)}.log").open("w")
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "flask_endpoint.worker"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        )
        return started[-1]

    yield app, start, f"http://127.0.0.1:{health_port}/healthz"
    for process in started:
        process.kill()
        process.wait(timeout=30)


@pytest.fixture
def held_sync(worker_process: WorkerProcess, faults: FaultySpotify) -> Iterator[tuple[int, threading.Event]]:
    """A queued sync of one listener with one play. Spotify answers its first request only once the event is set."""
    app, _, _ = worker_process
    add_connected_listener(endpoint_of(app), "ana")
    release = threading.Event()
    one_play = page(play(TRACKS[0], "2026-11-20T10:00:00.352Z"))
    faults.will(RECENT, Answer(200, one_play.body, held_by=release), one_play)
    yield start_sync(client_of(app)), release
    release.set()


def assert_next_worker_finishes(worker_process: WorkerProcess, faults: FaultySpotify, job_id: int) -> None:
    """Start another worker and stop it during its sync. It must finish the sync before it exits."""
    app, start, _ = worker_process
    worker = start()
    faults.wait_until_asked(RECENT, 2)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
    done = job(client_of(app), job_id)
    assert done["status"] == "succeeded"
    assert [batch["rows"] for batch in done["result"]["batches"]] == [1]


def test_next_worker_finishes_job_of_killed_worker(
    worker_process: WorkerProcess, held_sync: tuple[int, threading.Event], faults: FaultySpotify
) -> None:
    app, start, health = worker_process
    job_id, release = held_sync
    worker = start()
    faults.wait_until_asked(RECENT, 1)
    assert requests.get(health, timeout=10).status_code == 200
    assert job(client_of(app), job_id)["status"] == "running"
    worker.send_signal(signal.SIGKILL)
    worker.wait(timeout=30)
    release.set()
    assert_next_worker_finishes(worker_process, faults, job_id)


def test_worker_that_loses_its_lock_exits_without_finishing_its_job(
    worker_process: WorkerProcess,
    held_sync: tuple[int, threading.Event],
    faults: FaultySpotify,
    source: psycopg.Connection,
) -> None:
    _, start, _ = worker_process
    job_id, _ = held_sync
    worker = start()
    faults.wait_until_asked(RECENT, 1)
    assert source.execute(CLOSE_LOCKING_CONNECTION).fetchall() == [(True,)]
    assert worker.wait(timeout=30) == ExitCode.COULD_NOT_RUN
    assert_next_worker_finishes(worker_process, faults, job_id)
