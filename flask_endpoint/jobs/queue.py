"""The job queue, in one place: procrastinate on the source database, with what procrastinate lacks: a job's result.

The web application queues and looks; the one worker process runs (`worker.py`, tasks in `tasks.py`).
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from flask_endpoint.database import CONNECT_TIMEOUT
from flask_endpoint.errors import NotFound
from flask_endpoint.progress import Progress

OPTIONS = {
    "options": "-c search_path=jobs -c timezone=UTC",
    "connect_timeout": CONNECT_TIMEOUT,
    "application_name": "flask_endpoint",
}

STATUS = """
    SELECT j.id AS job_id, j.task_name AS task, r.result, CASE WHEN j.status = 'doing' THEN p.progress END AS progress,
        CASE j.status::text
            WHEN 'todo' THEN 'queued' WHEN 'doing' THEN 'running' WHEN 'succeeded' THEN 'succeeded' ELSE 'failed'
        END AS status,
        (SELECT max(at) FROM jobs.procrastinate_events e WHERE e.job_id = j.id) AS since
    FROM jobs.procrastinate_jobs j
    LEFT JOIN jobs.result r ON r.job_id = j.id
    LEFT JOIN jobs.progress p ON p.job_id = j.id
"""
ONE = f"{STATUS} WHERE j.id = %s"
# Those that a person asked for, newest first.
PAGE = f"{STATUS} WHERE j.task_name = ANY (%s) AND j.id < coalesce(%s, 9223372036854775807) ORDER BY j.id DESC LIMIT %s"
# Under way, or within a day failed or a dry run: what a person waits for, or should know.
RECENT_JOBS = f"""{STATUS}
    WHERE j.task_name = ANY (%s) AND (
        j.status IN ('todo', 'doing')
        OR (j.status = 'failed' OR (r.result ->> 'is_dry_run')::boolean) AND EXISTS (
            SELECT 1 FROM jobs.procrastinate_events e WHERE e.job_id = j.id AND e.at > now() - interval '1 day'
        )
    )
    ORDER BY j.id DESC LIMIT 20
"""
WAITING = "SELECT max(id) FROM jobs.procrastinate_jobs WHERE queueing_lock = %s"
KEEP_RESULT = """
    INSERT INTO jobs.result (job_id, result) VALUES (%s, %s)
    ON CONFLICT (job_id) DO UPDATE SET result = excluded.result, finished_at = now()
"""
KEEP_PROGRESS = """
    INSERT INTO jobs.progress (job_id, progress) VALUES (%s, %s)
    ON CONFLICT (job_id) DO UPDATE SET progress = excluded.progress, told_at = now()
"""
WORKER_ALIVE = (
    "SELECT exists(SELECT 1 FROM jobs.procrastinate_workers WHERE last_heartbeat > now() - interval '30 seconds')"
)
SYNC, IMPORT, ENRICHMENT, CATALOG = "sync", "import", "enrichment", "catalog"
SHOWN = [SYNC, IMPORT, ENRICHMENT, CATALOG]  # Tasks that a person asked for; the others keep house.


@dataclass(frozen=True)
class Job:
    """A job as HTTP shows it."""

    job_id: int
    task: str
    status: str
    since: datetime | None
    result: dict[str, Any] | None
    progress: dict[str, Any] | None


def queue_for_web(url: str) -> App:
    """A queue that only takes jobs; it opens its connections by itself."""
    return App(
        connector=SyncPsycopgConnector(conninfo=url, kwargs=OPTIONS, min_size=0, max_size=4, timeout=CONNECT_TIMEOUT)
    ).open()


def queue_for_worker(url: str) -> App:
    """A queue whose jobs can be run."""
    return App(
        connector=PsycopgConnector(conninfo=url, kwargs=OPTIONS, min_size=1, max_size=8, timeout=CONNECT_TIMEOUT)
    )


def queue_once(queue: App, connection: psycopg.Connection, task: str) -> int:
    """Queue a task that never runs beside itself, or find the job that waits already."""
    try:
        return queue.configure_task(task, lock=task, queueing_lock=task).defer()
    except AlreadyEnqueued:
        [(waiting,)] = connection.execute(WAITING, (task,)).fetchall()
        return int(waiting)


def queue_import(queue: App, listener_id: str, paths: list[str], time_zone: str | None, is_dry_run: bool) -> int:
    """Queue an import of uploaded files; one listener's imports run one after the other."""
    task = queue.configure_task(IMPORT, lock=f"import:{listener_id}")
    return task.defer(listener_id=listener_id, paths=[*paths], time_zone=time_zone, is_dry_run=is_dry_run)


def queue_catalog(queue: App, path: str, is_dry_run: bool) -> int:
    """Queue the loading of an uploaded catalogue file."""
    return queue.configure_task(CATALOG, lock=CATALOG).defer(path=path, is_dry_run=is_dry_run)


def find_job(connection: psycopg.Connection, job_id: int) -> Job:
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        job = cursor.execute(ONE, (job_id,)).fetchone()
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return job


def list_jobs(connection: psycopg.Connection, before: int | None, most: int) -> list[Job]:
    """At most so many jobs with an id below `before`, newest first."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(PAGE, (SHOWN, before, most)).fetchall()


def recent_jobs(connection: psycopg.Connection) -> list[Job]:
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(RECENT_JOBS, (SHOWN,)).fetchall()


def keep_result(connection: psycopg.Connection, job_id: int, result: dict[str, Any]) -> None:
    connection.execute(KEEP_RESULT, (job_id, Jsonb(result)))


def keep_progress(connection: psycopg.Connection, job_id: int, progress: Progress) -> None:
    connection.execute(KEEP_PROGRESS, (job_id, Jsonb(asdict(progress))))


def is_worker_alive(connection: psycopg.Connection) -> bool:
    row = connection.execute(WORKER_ALIVE).fetchone()
    return bool(row and row[0])
