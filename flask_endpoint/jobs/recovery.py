"""What a starting worker does with the jobs that it finds: retry abandoned ones, and adapt those of an earlier release."""

from datetime import UTC, datetime

import structlog
from procrastinate.jobs import Job, Status

from flask_endpoint.context import Endpoint
from flask_endpoint.imports import uploads
from flask_endpoint.jobs.cancelling import save_cancelled, uploaded_files
from flask_endpoint.jobs.queue import save_result
from flask_endpoint.jobs.tuning import MAX_RETRIES

# A queueing lock allows one queued job of a task. The next job of the task may have been queued while the abandoned one ran.
RELEASE_QUEUEING_LOCKS = (
    "UPDATE procrastinate_jobs SET queueing_lock = NULL WHERE status = 'doing' AND queueing_lock IS NOT NULL"
)
MOVE_QUEUED_JOBS = """
    UPDATE procrastinate_jobs SET queue_name = %(queue)s
    WHERE task_name = %(task)s AND status = 'todo' AND queue_name <> %(queue)s
"""

log = structlog.get_logger(__name__)


async def recover_jobs(endpoint: Endpoint) -> None:
    """Retry abandoned jobs, move queued jobs to their task's queue, and cancel queued jobs of tasks that no longer exist.

    Call it only in a process that holds the worker lock and runs no job yet: every job in status "doing" is then abandoned. The age of
    a heartbeat cannot show that. A machine that slept resumes with old heartbeats and live jobs.
    """
    queue = endpoint.jobs
    await queue.job_manager.prune_stalled_workers(seconds_since_heartbeat=0)
    await queue.connector.execute_query_async(RELEASE_QUEUEING_LOCKS)
    for job in await queue.job_manager.list_jobs_async(status=Status.DOING.value):
        await _retry(endpoint, job)
    for task in queue.tasks.values():
        await queue.connector.execute_query_async(MOVE_QUEUED_JOBS, task=task.name, queue=task.queue)
    for job in await queue.job_manager.list_jobs_async(status=Status.TODO.value):
        if job.task_name not in queue.tasks and job.id is not None:
            log.warning("job_of_unknown_task_cancelled", job_id=job.id, task=job.task_name)
            await queue.job_manager.cancel_job_by_id_async(job.id)


async def _retry(endpoint: Endpoint, job: Job) -> None:
    """Queue an abandoned job again, unless it was cancelled. After MAX_RETRIES, fail it."""
    if job.abort_requested:
        await _finish_cancelled(endpoint, job)
        return
    if job.attempts < MAX_RETRIES:
        log.warning("abandoned_job_retried", job_id=job.id, task=job.task_name, attempts=job.attempts)
        await endpoint.jobs.job_manager.retry_job(job, retry_at=datetime.now(UTC))
        return
    log.error("job_abandoned_too_often", job_id=job.id, task=job.task_name, attempts=job.attempts)
    message = f"The worker stopped during each attempt of this job. See job {job.id} in the worker's log."
    with endpoint.pool.connection() as connection:
        save_result(connection, job.id or 0, {"error": message})
    await endpoint.jobs.job_manager.finish_job(job, Status.FAILED, delete_job=False)


async def _finish_cancelled(endpoint: Endpoint, job: Job) -> None:
    """End a job that was cancelled, but whose worker stopped before it noticed. Housekeeping deletes what it left behind."""
    with endpoint.pool.connection() as connection:
        save_cancelled(connection, job.id or 0)
    uploads.discard(uploaded_files(job.task_kwargs))
    await endpoint.jobs.job_manager.finish_job(job, Status.ABORTED, delete_job=False)
