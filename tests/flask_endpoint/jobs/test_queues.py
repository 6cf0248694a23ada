"""The worker's queues: long jobs occupy only their own slots, and jobs of an earlier release still run."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from apiflask import APIFlask

from flask_endpoint import worker
from flask_endpoint.context import Endpoint
from flask_endpoint.jobs import tasks
from flask_endpoint.jobs.queue import queue_catalog, queue_for_worker, queue_import
from flask_endpoint.jobs.tuning import HOUSEKEEPING_QUEUE, LONG_QUEUE, SLOTS, SYNC_QUEUE
from flask_endpoint.progress import Progress
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.jobs.running import TIMEOUT, in_jobs, job, run_worker, running_worker, start_sync
from tests.flask_endpoint.polled_plays import RECENT, add_connected_listener
from tests.flask_endpoint.web_stack import OPERATOR, Browser, endpoint_of


class LongJobs:
    """Imports and catalog files that run until `release` is set."""

    def __init__(self) -> None:
        self.release = threading.Event()
        self._started = threading.Semaphore(0)

    def run(self, *_args: object, **_options: object) -> Progress:
        self._started.release()
        assert self.release.wait(TIMEOUT * 2)
        return Progress("done")

    def occupy_slots(self, app: APIFlask) -> None:
        """Queue more long jobs than there are slots."""
        queue = endpoint_of(app).jobs
        for listener_id in ("ana", "ben", "chie"):
            queue_import(queue, listener_id, [], None, False)
        queue_catalog(queue, "catalog.jsonl", False)

    def wait_until_running(self) -> None:
        for _ in range(SLOTS[LONG_QUEUE]):
            assert self._started.acquire(timeout=TIMEOUT), "the long jobs did not start"


@pytest.fixture
def long_jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[LongJobs]:
    jobs = LongJobs()
    monkeypatch.setattr(tasks, "import_files", jobs.run)
    monkeypatch.setattr(tasks, "load_catalog_file", jobs.run)
    yield jobs
    jobs.release.set()


def signal_call(monkeypatch: pytest.MonkeyPatch, name: str) -> threading.Event:
    """Return an event that is set when the function `name` of the tasks has returned."""
    called = threading.Event()
    original: Callable[..., Any] = getattr(tasks, name)

    def call(*args: Any, **options: Any) -> Any:
        result = original(*args, **options)
        called.set()
        return result

    monkeypatch.setattr(tasks, name, call)
    return called


def test_sync_finishes_while_long_jobs_occupy_their_slots(
    served: APIFlask, operator: Browser, long_jobs: LongJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync_finished = signal_call(monkeypatch, "sync")
    long_jobs.occupy_slots(served)
    job_id = start_sync(operator)
    with running_worker(served, long_jobs.release):
        long_jobs.wait_until_running()
        assert sync_finished.wait(TIMEOUT), "the sync waits for the long jobs"
    assert job(operator, job_id)["status"] == "succeeded"


def test_housekeeping_runs_while_sync_and_long_jobs_occupy_their_slots(
    served: APIFlask, operator: Browser, faults: FaultySpotify, long_jobs: LongJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_connected_listener(endpoint_of(served), "ana")
    faults.will(RECENT, Answer(503, held_by=long_jobs.release))
    cleared = signal_call(monkeypatch, "clear_killed_imports")
    long_jobs.occupy_slots(served)
    start_sync(operator)
    endpoint_of(served).jobs.configure_task("clear_killed_imports", queue=HOUSEKEEPING_QUEUE).defer(timestamp=0)
    with running_worker(served, long_jobs.release):
        long_jobs.wait_until_running()
        faults.wait_until_asked(RECENT, 1, TIMEOUT)
        assert cleared.wait(TIMEOUT), "housekeeping waits for the sync or the long jobs"


def test_sync_queued_by_earlier_release_does_not_wait_for_long_jobs(
    served: APIFlask,
    operator: Browser,
    source: psycopg.Connection,
    long_jobs: LongJobs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sync_finished = signal_call(monkeypatch, "sync")
    long_jobs.occupy_slots(served)
    job_id = start_sync(operator)
    in_jobs(source).execute("UPDATE procrastinate_jobs SET queue_name = 'default'")
    with running_worker(served, long_jobs.release):
        long_jobs.wait_until_running()
        assert sync_finished.wait(TIMEOUT), "the sync waits for the long jobs"
    assert job(operator, job_id)["status"] == "succeeded"


def test_all_jobs_queued_by_earlier_release_run(
    served: APIFlask, operator: Browser, source: psycopg.Connection, long_jobs: LongJobs
) -> None:
    long_jobs.release.set()
    long_jobs.occupy_slots(served)
    start_sync(operator)
    assert operator.post("/v1/enrichment", headers=OPERATOR).status_code == 202
    in_jobs(source).execute("UPDATE procrastinate_jobs SET queue_name = 'default'")
    run_worker(served)
    statuses = source.execute(
        "SELECT DISTINCT status::text FROM jobs.procrastinate_jobs WHERE task_name <> 'clear_killed_imports'"
    )
    assert statuses.fetchall() == [("succeeded",)]


def test_queued_job_of_removed_task_is_cancelled(served: APIFlask, source: psycopg.Connection) -> None:
    endpoint_of(served).jobs.configure_task("retry_stalled").defer(timestamp=0)
    run_worker(served)
    removed = source.execute("SELECT status::text FROM jobs.procrastinate_jobs WHERE task_name = 'retry_stalled'")
    assert removed.fetchall() == [("cancelled",)]


def test_worker_fails_when_one_queue_is_no_longer_served(served: APIFlask, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail_sync_queue(*, queues: list[str], **_options: object) -> None:
        if queues == [SYNC_QUEUE]:
            raise RuntimeError("the connection was lost")
        await asyncio.Event().wait()

    web = endpoint_of(served)
    queue = queue_for_worker(web.settings.endpoint_database_url.get_secret_value())
    monkeypatch.setattr(queue, "run_worker_async", fail_sync_queue)
    with pytest.raises(RuntimeError, match="no longer served: the connection was lost"):
        asyncio.run(worker.work(Endpoint(web.settings, web.pool, web.cipher, queue)))
