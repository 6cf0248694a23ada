"""The worker process itself: started, killed in the middle of a job, and started again."""

import os
import signal
import socket
import subprocess
import sys
import threading

import pytest
import requests

from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.jobs.test_jobs import job, start_sync
from tests.flask_endpoint.polling.test_sync import RECENT, TRACKS, keep, page, play
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import ROOT, client_of, endpoint_of


@pytest.fixture
def worker_process(make_app, faults, tmp_path):
    """Start worker processes for one application; whatever is left of them is killed at the end."""
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
    started = []

    def start():
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


def test_a_job_killed_in_the_middle_is_finished_by_the_next_worker(worker_process, faults):
    app, start, health = worker_process
    keep(endpoint_of(app), "ana")
    never = threading.Event()
    one_play = page(play(TRACKS[0], "2026-11-20T10:00:00.352Z"))
    faults.will(RECENT, Answer(200, one_play.body, held_by=never), one_play)
    operator = client_of(app)
    job_id = start_sync(operator)

    first = start()
    faults.wait_until_asked(RECENT, 1)
    assert requests.get(health, timeout=10).status_code == 200
    assert job(operator, job_id)["status"] == "running"
    first.send_signal(signal.SIGKILL)
    first.wait(timeout=30)
    never.set()

    second = start()
    faults.wait_until_asked(RECENT, 2)
    second.send_signal(signal.SIGTERM)  # It finishes what it is doing, then stops.
    assert second.wait(timeout=60) == 0
    done = job(operator, job_id)
    assert done["status"] == "succeeded"
    assert [batch["rows"] for batch in done["result"]["batches"]] == [1]
