"""Recovery: a worker retries the jobs of a dead worker when it starts, and never restarts a job that is running."""

import asyncio
import inspect
import threading

import psycopg
from apiflask import APIFlask

from flask_endpoint.jobs.queue import queue_for_worker
from flask_endpoint.jobs.tasks import add_tasks
from flask_endpoint.jobs.tuning import MAX_RETRIES
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.jobs.running import in_jobs, job, run_worker, running_worker, start_sync
from tests.flask_endpoint.polled_plays import RECENT, add_connected_listener, page
from tests.flask_endpoint.web_stack import Browser, endpoint_of


def abandon(source: psycopg.Connection, job_id: int, heartbeat: str = "now()") -> None:
    """Mark a job as running on a worker that was killed after the given heartbeat."""
    in_jobs(source).execute(f"INSERT INTO procrastinate_workers (last_heartbeat) VALUES ({heartbeat})")
    take = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers) WHERE id = %s"
    source.execute(take, (job_id,))


def run_periodic_tasks(app: APIFlask) -> None:
    """Run every periodic task once, outside of the worker."""
    endpoint = endpoint_of(app)
    queue = queue_for_worker(endpoint.settings.endpoint_database_url.get_secret_value())
    add_tasks(queue, endpoint)

    async def run() -> None:
        async with queue.open_async():
            for periodic in queue.periodic_registry.periodic_tasks.values():
                result = periodic.task(timestamp=0)
                if inspect.isawaitable(result):
                    await result

    asyncio.run(run())


def test_abandoned_job_is_retried(served: APIFlask, operator: Browser, source: psycopg.Connection) -> None:
    add_connected_listener(endpoint_of(served), "ana")
    job_id = start_sync(operator)
    abandon(source, job_id)
    assert job(operator, job_id)["status"] == "running"
    run_worker(served)
    assert job(operator, job_id)["status"] == "succeeded"


def test_abandoned_job_is_retried_after_clock_went_back(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    job_id = start_sync(operator)
    abandon(source, job_id, heartbeat="now() + interval '1 hour'")
    run_worker(served)
    assert job(operator, job_id)["status"] == "succeeded"


def test_abandoned_job_is_retried_while_another_job_of_its_task_is_queued(
    served: APIFlask, operator: Browser, source: psycopg.Connection
) -> None:
    abandoned = start_sync(operator)
    abandon(source, abandoned)
    queued = start_sync(operator)
    run_worker(served)
    assert [job(operator, job_id)["status"] for job_id in (abandoned, queued)] == ["succeeded", "succeeded"]


def test_job_abandoned_on_every_attempt_fails(served: APIFlask, operator: Browser, source: psycopg.Connection) -> None:
    job_id = start_sync(operator)
    abandon(source, job_id)
    source.execute("UPDATE procrastinate_jobs SET attempts = %s WHERE id = %s", (MAX_RETRIES, job_id))
    run_worker(served)
    assert job(operator, job_id)["status"] == "failed"
    assert job(operator, job_id)["result"] == {
        "error": f"The worker stopped during each attempt of this job. See job {job_id} in the worker's log."
    }


def test_running_job_is_not_started_again_after_sleep(
    served: APIFlask, operator: Browser, source: psycopg.Connection, faults: FaultySpotify
) -> None:
    add_connected_listener(endpoint_of(served), "ana")
    release = threading.Event()
    faults.will(RECENT, Answer(200, page().body, held_by=release), page())
    job_id = start_sync(operator)
    with running_worker(served, release):
        faults.wait_until_asked(RECENT, 1)
        source.execute("UPDATE jobs.procrastinate_workers SET last_heartbeat = now() - interval '8 hours'")
        run_periodic_tasks(served)
        assert job(operator, job_id)["status"] == "running"
    assert job(operator, job_id)["status"] == "succeeded"
    assert faults.times(RECENT) == 1
