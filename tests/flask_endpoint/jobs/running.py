"""Queue jobs, run them as the worker does, and read their state."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
from apiflask import APIFlask
from flask.testing import FlaskClient

from flask_endpoint import worker
from flask_endpoint.context import Endpoint
from flask_endpoint.jobs.queue import queue_for_worker
from tests.flask_endpoint.web_stack import OPERATOR, endpoint_of

TIMEOUT = 60  # seconds until a test fails because a job did not start or finish


def run_worker(app: APIFlask) -> None:
    """Run queued jobs as the worker process does, until no job is queued."""
    web = endpoint_of(app)
    queue = queue_for_worker(web.settings.endpoint_database_url.get_secret_value())
    asyncio.run(worker.work(Endpoint(web.settings, web.pool, web.cipher, queue), until_idle=True))


@contextmanager
def running_worker(app: APIFlask, on_exit: threading.Event) -> Iterator[None]:
    """Run the worker in a thread. At the end, set `on_exit` and wait until no job is left."""
    with ThreadPoolExecutor(1) as threads:
        done = threads.submit(run_worker, app)
        try:
            yield
        finally:
            on_exit.set()
        done.result(TIMEOUT)


def in_jobs(source: psycopg.Connection) -> psycopg.Connection:
    """Return the connection with `jobs` as its search path, because procrastinate's triggers name tables without a schema."""
    source.execute("SET search_path = jobs")
    return source


def start_sync(operator: FlaskClient) -> int:
    """Queue a sync. Return the id of its job."""
    started = operator.post("/v1/sync", headers=OPERATOR)
    assert started.status_code == 202
    return int(started.get_json()["job_id"])


def job(operator: FlaskClient, job_id: int) -> Any:
    """Return a job as the API shows it."""
    return operator.get(f"/v1/jobs/{job_id}", headers=OPERATOR).get_json()
