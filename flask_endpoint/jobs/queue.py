"""The job queue: procrastinate in the source database, plus the result and progress of each job, which procrastinate does not store.

The web application queues jobs and reads their status. The worker process (`worker.py`) runs them (`tasks.py`).
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel, Field

from common.database_options import CONNECT_TIMEOUT, connection_options
from flask_endpoint.database import APPLICATION, only_row
from flask_endpoint.errors import NotFound
from flask_endpoint.jobs.tuning import HEARTBEAT_TIMEOUT, LONG_QUEUE, SYNC_QUEUE
from flask_endpoint.progress import Progress

SESSION = {"search_path": "jobs", "timezone": "UTC"}

SELECT_JOBS = """
    SELECT j.id AS job_id, j.task_name AS task, r.result, CASE WHEN j.status = 'doing' THEN p.progress END AS progress,
        CASE j.status::text
            WHEN 'todo' THEN 'queued' WHEN 'doing' THEN 'running' WHEN 'succeeded' THEN 'succeeded'
            WHEN 'cancelled' THEN 'cancelled' WHEN 'aborted' THEN 'cancelled' ELSE 'failed'
        END AS status,
        (SELECT max(at) FROM jobs.procrastinate_events e WHERE e.job_id = j.id) AS since
    FROM jobs.procrastinate_jobs j
    LEFT JOIN jobs.result r ON r.job_id = j.id
    LEFT JOIN jobs.progress p ON p.job_id = j.id
"""
FIND_JOB = f"{SELECT_JOBS} WHERE j.id = %s"
# Newest first.
LIST_JOBS = f"{SELECT_JOBS} WHERE j.task_name = ANY (%s) AND j.id < coalesce(%s, 9223372036854775807) ORDER BY j.id DESC LIMIT %s"
# Queued or running jobs, and failed or cancelled jobs and dry runs of the last day.
RECENT_JOBS = f"""{SELECT_JOBS}
    WHERE j.task_name = ANY (%s) AND (
        j.status IN ('todo', 'doing')
        OR (j.status IN ('failed', 'cancelled', 'aborted') OR (r.result ->> 'is_dry_run')::boolean) AND EXISTS (
            SELECT 1 FROM jobs.procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - interval '1 day'
        )
    )
    ORDER BY j.id DESC LIMIT 20
"""
FIND_QUEUED_JOB = "SELECT max(id) FROM jobs.procrastinate_jobs WHERE queueing_lock = %s"
SAVE_RESULT = """
    INSERT INTO jobs.result (job_id, result) VALUES (%s, %s)
    ON CONFLICT (job_id) DO UPDATE SET result = excluded.result, finished_at = now()
"""
SAVE_PROGRESS = """
    INSERT INTO jobs.progress (job_id, progress) VALUES (%s, %s)
    ON CONFLICT (job_id) DO UPDATE SET progress = excluded.progress, told_at = now()
"""
HAS_HEARTBEAT = "SELECT exists(SELECT 1 FROM jobs.procrastinate_workers WHERE last_heartbeat > now() - %s)"
SYNC, IMPORT, ENRICHMENT, CATALOG = "sync", "import", "enrichment", "catalog"
QUEUES = {SYNC: SYNC_QUEUE, IMPORT: LONG_QUEUE, ENRICHMENT: LONG_QUEUE, CATALOG: LONG_QUEUE}
REQUESTED_TASKS = list(QUEUES)  # Tasks that a user or the pipeline starts. The others are housekeeping.


class Job(BaseModel):
    """A job and its result."""

    job_id: int
    task: str
    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    progress: Progress | None = Field(description="Null unless the job is running and reads files.")
    result: dict[str, Any] | None
    since: datetime | None = Field(description="When the job reached this status.")


def queue_for_web(url: str) -> App:
    """Return an open queue for the web application, which adds jobs but runs none."""
    return App(
        connector=SyncPsycopgConnector(
            conninfo=url,
            kwargs=connection_options(url, APPLICATION, SESSION),
            min_size=0,
            max_size=4,
            timeout=CONNECT_TIMEOUT,
        )
    ).open()


def queue_for_worker(url: str) -> App:
    """Return a queue for the worker, to be opened in its event loop."""
    return App(
        connector=PsycopgConnector(
            conninfo=url,
            kwargs=connection_options(url, APPLICATION, SESSION),
            min_size=1,
            max_size=8,
            timeout=CONNECT_TIMEOUT,
        )
    )


def queue_once(queue: App, connection: psycopg.Connection, task: str) -> int:
    """Queue a task, unless a job of it is already queued. Return the id of the queued job. Jobs of the task run one at a time."""
    try:
        return queue.configure_task(task, queue=QUEUES[task], lock=task, queueing_lock=task).defer()
    except AlreadyEnqueued:
        [(queued,)] = connection.execute(FIND_QUEUED_JOB, (task,)).fetchall()
        return int(queued)


def queue_import(queue: App, listener_id: str, paths: list[str], time_zone: str | None, is_dry_run: bool) -> int:
    """Queue an import of uploaded files. Return its job id. Imports of one listener run one at a time."""
    task = queue.configure_task(IMPORT, queue=QUEUES[IMPORT], lock=f"import:{listener_id}")
    return task.defer(listener_id=listener_id, paths=[*paths], time_zone=time_zone, is_dry_run=is_dry_run)


def queue_catalog(queue: App, path: str, is_dry_run: bool) -> int:
    """Queue the loading of an uploaded catalog file. Return its job id. Catalog files load one at a time."""
    return queue.configure_task(CATALOG, queue=QUEUES[CATALOG], lock=CATALOG).defer(path=path, is_dry_run=is_dry_run)


def find_job(connection: psycopg.Connection, job_id: int) -> Job:
    """Return a job. Raises NotFound."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        job = cursor.execute(FIND_JOB, (job_id,)).fetchone()
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return job


def list_jobs(connection: psycopg.Connection, before: int | None, limit: int) -> list[Job]:
    """Return at most `limit` requested jobs with an id below `before`, newest first."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(LIST_JOBS, (REQUESTED_TASKS, before, limit)).fetchall()


def recent_jobs(connection: psycopg.Connection) -> list[Job]:
    """Return the jobs for the start page, newest first: queued, running, and failed or cancelled jobs and dry runs of the last day."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(RECENT_JOBS, (REQUESTED_TASKS,)).fetchall()


def queued_at(connection: psycopg.Connection, job_id: int) -> datetime:
    """Return when the job was first queued. A retry does not change it."""
    at: datetime
    (at,) = only_row(
        connection,
        "SELECT min(at) FROM jobs.procrastinate_events WHERE job_id = %s AND type = 'deferred'",
        (job_id,),
    )
    return at


def save_result(connection: psycopg.Connection, job_id: int, result: dict[str, Any]) -> None:
    """Store the result of a finished job."""
    connection.execute(SAVE_RESULT, (job_id, Jsonb(result)))


def save_progress(connection: psycopg.Connection, job_id: int, progress: Progress) -> None:
    """Store the progress of a running job."""
    connection.execute(SAVE_PROGRESS, (job_id, Jsonb(asdict(progress))))


def is_worker_alive(connection: psycopg.Connection) -> bool:
    """Return whether a worker wrote a heartbeat within HEARTBEAT_TIMEOUT."""
    row = connection.execute(HAS_HEARTBEAT, (HEARTBEAT_TIMEOUT,)).fetchone()
    return bool(row and row[0])
