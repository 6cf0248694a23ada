"""Cancel jobs: take a queued one from the queue, and end a running one.

A running job notices in two ways. Its own database session, which has the job's name, is ended. And it asks whether it was
cancelled whenever it reports progress, because it may not have opened that session yet, or may be waiting for Spotify.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from procrastinate.exceptions import JobAborted
from psycopg import Connection

from flask_endpoint.context import Endpoint
from flask_endpoint.database import only_row
from flask_endpoint.errors import Conflict, NotFound
from flask_endpoint.imports import uploads
from flask_endpoint.jobs.queue import CATALOG, ENRICHMENT, IMPORT, REQUESTED_TASKS, Job, find_job, save_result

log = structlog.get_logger(__name__)

CANCELLED = "The job was cancelled."
ENDABLE_TASKS = (IMPORT, CATALOG, ENRICHMENT)  # Tasks whose running jobs can be ended. A sync takes only minutes.
CHECK_INTERVAL = 1.0  # seconds between two checks while a job waits
FIND_REQUESTED = """
    SELECT task_name, status::text, args FROM jobs.procrastinate_jobs WHERE id = %s AND task_name = ANY (%s)
"""
END_SESSIONS = """
    SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = %s AND usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()
"""
IS_CANCELLED = "SELECT coalesce(bool_or(abort_requested), false) FROM jobs.procrastinate_jobs WHERE id = %s"


def session_name(job_id: int) -> str:
    """Return the name of the database session in which a job does its work."""
    return f"flask_endpoint job {job_id}"


def cancel_job(endpoint: Endpoint, job_id: int, *, listener_id: str | None) -> Job:
    """Cancel a job and return it. A finished job stays as it is.

    With `listener_id`, only imports of this listener are found. Raises NotFound, and Conflict for a running sync.
    """
    with endpoint.pool.connection() as connection:
        found = connection.execute(FIND_REQUESTED, (job_id, REQUESTED_TASKS)).fetchone()
    if found is None or listener_id not in (None, found[2].get("listener_id")):
        raise NotFound(f"There is no job {job_id}.")
    task, status, arguments = found
    if status == "doing" and task not in ENDABLE_TASKS:
        raise Conflict(f"Job {job_id} is a running {task}, which cannot be cancelled. It ends within minutes.")
    if endpoint.jobs.job_manager.cancel_job_by_id(job_id, abort=True):
        _end(endpoint, job_id, arguments)
    with endpoint.pool.connection() as connection:
        return find_job(connection, job_id)


def is_cancelled(connection: Connection, job_id: int) -> bool:
    """Return whether somebody cancelled the job, which may still be running."""
    return bool(only_row(connection, IS_CANCELLED, (job_id,))[0])


def check_not_cancelled(connection: Connection, job_id: int) -> None:
    """Raise JobAborted if somebody cancelled the job."""
    if is_cancelled(connection, job_id):
        raise JobAborted(CANCELLED)


def wait_unless_cancelled(endpoint: Endpoint, job_id: int) -> Callable[[float], None]:
    """Return a function that waits for some seconds, also 0, and raises JobAborted soon after somebody cancels the job."""

    def wait(seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            with endpoint.pool.connection() as connection:
                check_not_cancelled(connection, job_id)
            if (left := end - time.monotonic()) <= 0:
                return
            time.sleep(min(left, CHECK_INTERVAL))

    return wait


def uploaded_files(arguments: Mapping[str, Any]) -> list[Path]:
    """Return the uploaded files in the arguments of a job."""
    paths = arguments.get("paths") or [arguments.get("path")]
    return [Path(path) for path in paths if path]


def save_cancelled(connection: Connection, job_id: int) -> None:
    """Store the result of a job that ended because it was cancelled."""
    log.info("job_cancelled", job_id=job_id)
    save_result(connection, job_id, {"error": CANCELLED})


def _end(endpoint: Endpoint, job_id: int, arguments: Mapping[str, Any]) -> None:
    """Discard the files of a job that was taken from the queue, or end the session of a running one."""
    with endpoint.pool.connection() as connection:
        was_queued = find_job(connection, job_id).status == "cancelled"
        if was_queued:
            save_cancelled(connection, job_id)
        else:
            connection.execute(END_SESSIONS, (session_name(job_id),))
    if was_queued:
        uploads.discard(uploaded_files(arguments))
