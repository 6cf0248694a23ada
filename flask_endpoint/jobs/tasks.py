"""The tasks that the worker runs. A killed job can be retried, because every task commits whole transactions only."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from procrastinate import App, JobContext, RetryStrategy
from procrastinate.exceptions import JobAborted
from psycopg import Connection, OperationalError

from flask_endpoint.catalog.files import load_catalog_file
from flask_endpoint.context import Endpoint
from flask_endpoint.enrichment.enrich import enrich
from flask_endpoint.errors import EndpointError, ListenerDeleted
from flask_endpoint.imports import uploads
from flask_endpoint.imports.importing import import_files
from flask_endpoint.imports.unfinished import clear_ended_import, clear_killed_imports
from flask_endpoint.jobs import queue as jobs
from flask_endpoint.jobs.cancelling import (
    CANCELLED,
    check_not_cancelled,
    is_cancelled,
    save_cancelled,
    session_name,
    wait_unless_cancelled,
)
from flask_endpoint.jobs.tuning import HOUSEKEEPING_QUEUE, JOB_RETENTION, MAX_RETRIES, PROGRESS_INTERVAL, RETRY_DELAY
from flask_endpoint.landing.deletions import check_not_deleted, delete_old_records
from flask_endpoint.polling.sync import sync
from flask_endpoint.progress import Progress, ReportProgress
from flask_endpoint.spotify.budget import delete_old_calls
from flask_endpoint.spotify.token_store import connected_listeners

# The connection to the database was lost, for example because PostgreSQL restarted.
RETRY_ON_DATABASE_ERROR = RetryStrategy(max_attempts=MAX_RETRIES, wait=RETRY_DELAY, retry_exceptions=[OperationalError])

log = structlog.get_logger(__name__)


def add_tasks(queue: App, endpoint: Endpoint) -> None:
    """Register all tasks on `queue`."""
    _add_requested_tasks(queue, endpoint)
    _add_housekeeping_tasks(queue, endpoint)


def _add_requested_tasks(queue: App, endpoint: Endpoint) -> None:
    @queue.task(name=jobs.SYNC, queue=jobs.QUEUES[jobs.SYNC], pass_context=True)
    def run_sync(context: JobContext) -> None:
        _run(endpoint, context, lambda _: sync(endpoint))

    @queue.task(name=jobs.ENRICHMENT, queue=jobs.QUEUES[jobs.ENRICHMENT], pass_context=True)
    def run_enrichment(context: JobContext) -> None:
        with endpoint.pool.connection() as connection:
            listeners = connected_listeners(connection)
        wait = wait_unless_cancelled(endpoint, context.job.id or 0)
        _run(endpoint, context, lambda _: enrich(endpoint, listeners, wait))

    @queue.task(name=jobs.IMPORT, queue=jobs.QUEUES[jobs.IMPORT], pass_context=True, retry=RETRY_ON_DATABASE_ERROR)
    def run_import(
        context: JobContext, listener_id: str | None, paths: list[str], time_zone: str | None, is_dry_run: bool = False
    ) -> None:
        files = [Path(path) for path in paths]
        with _discard_when_finished(files):
            _run_import(endpoint, context, listener_id, files, time_zone, is_dry_run)

    @queue.task(name=jobs.CATALOG, queue=jobs.QUEUES[jobs.CATALOG], pass_context=True, retry=RETRY_ON_DATABASE_ERROR)
    def run_catalog(context: JobContext, path: str, is_dry_run: bool) -> None:
        file = Path(path)

        def work(report: ReportProgress) -> dict[str, Any]:
            name = session_name(context.job.id or 0)
            load = load_catalog_file(endpoint.settings, file, is_dry_run=is_dry_run, progress=report, session_name=name)
            return asdict(load)

        with _discard_when_finished([file]):
            _run(endpoint, context, work)


def _add_housekeeping_tasks(queue: App, endpoint: Endpoint) -> None:
    @queue.periodic(cron="*/10 * * * *")
    @queue.task(name="clear_killed_imports", queue=HOUSEKEEPING_QUEUE, queueing_lock="clear_killed_imports")
    def clear_killed(timestamp: int) -> None:
        """Delete the data of killed imports. A listener's next import would do so too, but there may be none."""
        with endpoint.pool.connection() as connection:
            cleared = clear_killed_imports(connection)
        if cleared:
            log.warning("killed_imports_cleared", listeners=cleared)

    @queue.periodic(cron="17 3 * * *")
    @queue.task(name="forget_old_jobs", queue=HOUSEKEEPING_QUEUE, queueing_lock="forget_old_jobs")
    async def forget_old_jobs(timestamp: int) -> None:
        """Delete finished jobs, uploads that no job deleted, and outdated counts of calls and records of deletions."""
        await queue.job_manager.delete_old_jobs(
            int(JOB_RETENTION.total_seconds() // 3600),
            include_failed=True,
            include_cancelled=True,
            include_aborted=True,
        )
        await asyncio.to_thread(_delete_old_data, endpoint)


def _run_import(
    endpoint: Endpoint,
    context: JobContext,
    listener_id: str | None,
    files: Sequence[Path],
    time_zone: str | None,
    is_dry_run: bool,
) -> None:
    """Import files, unless the listener was deleted after the job was queued. The deletion clears the arguments of the job."""
    with endpoint.pool.connection() as connection:
        queued_at = jobs.queued_at(connection, context.job.id or 0)

    def work(report: ReportProgress) -> dict[str, Any]:
        if listener_id is None:
            raise ListenerDeleted
        result = import_files(
            endpoint.settings,
            listener_id,
            [*files],
            time_zone=time_zone,
            is_dry_run=is_dry_run,
            progress=report,
            requested_at=queued_at,
            session_name=session_name(context.job.id or 0),
        )
        return asdict(result)

    def check(connection: Connection) -> None:
        """Do not store a result that has the listener's id after the listener was deleted."""
        if listener_id is not None:
            check_not_deleted(connection, listener_id, queued_at)

    def clean_up() -> None:
        if listener_id is not None:
            with endpoint.pool.connection() as connection:
                clear_ended_import(connection, listener_id)

    _run(endpoint, context, work, check, clean_up)


def _delete_old_data(endpoint: Endpoint) -> None:
    uploads.discard_older(endpoint.settings, datetime.now(UTC) - JOB_RETENTION)
    with endpoint.pool.connection() as connection:
        delete_old_calls(connection)
        delete_old_records(connection)


@contextmanager
def _discard_when_finished(files: Sequence[Path]) -> Iterator[None]:
    """Delete the uploaded files after the job succeeded, was refused or was cancelled.

    After any other failure they stay: the next attempt needs them, or the operator does, to find the fault. Housekeeping
    deletes them after JOB_RETENTION.
    """
    try:
        yield
    except (EndpointError, JobAborted):
        uploads.discard(files)
        raise
    uploads.discard(files)


def _run(
    endpoint: Endpoint,
    context: JobContext,
    work: Callable[[ReportProgress], dict[str, Any]],
    check: Callable[[Connection], None] = lambda _: None,
    clean_up: Callable[[], None] = lambda: None,
) -> None:
    """Do the work of a job. Store its progress, and then its result or the error message.

    `check` runs in the transaction that stores the result. If it raises an exception, the job has failed. `clean_up` runs
    after a job that was cancelled.
    """
    job_id = context.job.id or 0  # A running job always has an id.
    try:
        result = work(_progress_writer(endpoint, job_id))
        with endpoint.pool.connection() as connection:
            check(connection)
            jobs.save_result(connection, job_id, result)
    except Exception as error:
        # Ending the session of a cancelled job may cause any error.
        if _was_cancelled(endpoint, job_id):
            clean_up()
            with endpoint.pool.connection() as connection:
                save_cancelled(connection, job_id)
            raise JobAborted(CANCELLED) from error
        is_known = isinstance(error, EndpointError)
        message = str(error) if is_known else f"The job failed unexpectedly. See job {job_id} in the worker's log."
        log.error("job_failed", job_id=job_id, reason=message, exc_info=not is_known)
        with endpoint.pool.connection() as connection:
            jobs.save_result(connection, job_id, {"error": message})
        raise


def _was_cancelled(endpoint: Endpoint, job_id: int) -> bool:
    """Return whether somebody cancelled the job; False if the database does not answer, so that the job's own error is logged."""
    try:
        with endpoint.pool.connection() as connection:
            return is_cancelled(connection, job_id)
    except OperationalError:
        return False


def _progress_writer(endpoint: Endpoint, job_id: int) -> ReportProgress:
    """Return a callback that stores a job's progress, at most every PROGRESS_INTERVAL seconds within a stage.

    It raises JobAborted if somebody cancelled the job.
    """
    saved_stage, saved_at = "", 0.0

    def report(progress: Progress) -> None:
        nonlocal saved_stage, saved_at
        now = time.monotonic()
        if progress.stage != saved_stage or now - saved_at > PROGRESS_INTERVAL:
            saved_stage, saved_at = progress.stage, now
            with endpoint.pool.connection() as connection:
                check_not_cancelled(connection, job_id)
                jobs.save_progress(connection, job_id, progress)

    return report
