"""What the worker can do. A job that was killed is run again: every task lands or promotes whole transactions only."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from procrastinate import App, JobContext, RetryStrategy
from procrastinate.jobs import Status
from psycopg import OperationalError

from flask_endpoint.catalog.files import load_catalog_file
from flask_endpoint.context import Endpoint
from flask_endpoint.enrichment.enrich import enrich
from flask_endpoint.errors import EndpointError
from flask_endpoint.imports import uploads
from flask_endpoint.imports.importing import clear_killed_imports, import_files
from flask_endpoint.jobs import queue as jobs
from flask_endpoint.polling.sync import sync
from flask_endpoint.progress import Progress, ReportProgress
from flask_endpoint.spotify.budget import forget_calls
from flask_endpoint.spotify.token_store import connected_listeners

MOST_ATTEMPTS = 3  # A job that takes its worker down with it must not do so for ever.
PROGRESS_INTERVAL = 0.5  # seconds
# The database went away under it, a restart say: it is tried again, not failed.
RETRY_ON_DATABASE_ERROR = RetryStrategy(max_attempts=MOST_ATTEMPTS, wait=15, retry_exceptions=[OperationalError])
KEPT = timedelta(days=30)  # How long a finished job can be looked up.

log = structlog.get_logger(__name__)


def add_tasks(queue: App, endpoint: Endpoint) -> None:
    """Register the tasks on `queue`."""

    @queue.task(name=jobs.SYNC, pass_context=True)
    def run_sync(context: JobContext) -> None:
        _run(endpoint, context, lambda _: sync(endpoint))

    @queue.task(name=jobs.ENRICHMENT, pass_context=True)
    def run_enrichment(context: JobContext) -> None:
        with endpoint.pool.connection() as connection:
            listeners = connected_listeners(connection)
        _run(endpoint, context, lambda _: enrich(endpoint, listeners))

    @queue.task(name=jobs.IMPORT, pass_context=True, retry=RETRY_ON_DATABASE_ERROR)
    def run_import(
        context: JobContext, listener_id: str, paths: list[str], time_zone: str | None, is_dry_run: bool = False
    ) -> None:
        """Import uploaded files, or only say what that would do, then delete them."""
        files = [Path(path) for path in paths]

        def work(tell: ReportProgress) -> dict[str, Any]:
            settings = endpoint.settings
            return asdict(
                import_files(settings, listener_id, files, time_zone=time_zone, is_dry_run=is_dry_run, progress=tell)
            )

        with _discard_when_finished(files):
            _run(endpoint, context, work)

    @queue.task(name=jobs.CATALOG, pass_context=True, retry=RETRY_ON_DATABASE_ERROR)
    def run_catalog(context: JobContext, path: str, is_dry_run: bool) -> None:
        """Load an uploaded catalogue file, then delete it."""
        file = Path(path)
        with _discard_when_finished([file]):
            _run(
                endpoint,
                context,
                lambda tell: asdict(load_catalog_file(endpoint.settings, file, is_dry_run=is_dry_run, progress=tell)),
            )

    @queue.periodic(cron="* * * * *")
    @queue.task(name="retry_stalled", queueing_lock="retry_stalled")
    async def retry_stalled(timestamp: int) -> None:
        """Run jobs again whose worker gave no sign of life."""
        await revive(queue, seconds_since_heartbeat=30)

    @queue.periodic(cron="*/10 * * * *")
    @queue.task(name="clear_killed_imports", queueing_lock="clear_killed_imports")
    def clear_killed(timestamp: int) -> None:
        """What a killed import left, of a listener who imports nothing more."""
        with endpoint.pool.connection() as connection:
            cleared = clear_killed_imports(connection)
        if cleared:
            log.warning("killed_imports_cleared", listeners=cleared)

    @queue.periodic(cron="17 3 * * *")
    @queue.task(name="forget_old_jobs", queueing_lock="forget_old_jobs")
    async def forget_old_jobs(timestamp: int) -> None:
        """Jobs that ended, uploads that a lost job left behind, calls that no longer count."""
        hours = int(KEPT.total_seconds() // 3600)
        await queue.job_manager.delete_old_jobs(
            hours, include_failed=True, include_cancelled=True, include_aborted=True
        )
        uploads.discard_older(endpoint.settings, datetime.now(UTC) - KEPT)
        with endpoint.pool.connection() as connection:
            forget_calls(connection)


@contextmanager
def _discard_when_finished(files: Sequence[Path]) -> Iterator[None]:
    """Delete the uploaded files once the job succeeded or was refused. After anything else they stay, for the job's next attempt."""
    try:
        yield
    except EndpointError:
        uploads.discard(files)
        raise
    uploads.discard(files)


async def revive(queue: App, seconds_since_heartbeat: float) -> None:
    """Queue again what was running on a worker without a sign of life."""
    for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds_since_heartbeat):
        if job.attempts >= MOST_ATTEMPTS:
            log.error("job_given_up", job_id=job.id, task=job.task_name, attempts=job.attempts)
            await queue.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        else:
            log.warning("job_revived", job_id=job.id, task=job.task_name, attempts=job.attempts)
            await queue.job_manager.retry_job(job, retry_at=datetime.now(UTC))


def _run(endpoint: Endpoint, context: JobContext, work: Callable[[ReportProgress], dict[str, Any]]) -> None:
    """Do the work, keep how far it is and then its result; a failure is kept as a sentence and fails the job."""
    job_id = context.job.id or 0  # Of a job that is running it is known.
    try:
        result = work(_progress_writer(endpoint, job_id))
    except Exception as error:
        is_known = isinstance(error, EndpointError)
        sentence = str(error) if is_known else f"It failed unexpectedly: the worker's log says why (job {job_id})."
        log.error("job_failed", job_id=job_id, reason=sentence, exc_info=not is_known)
        with endpoint.pool.connection() as connection:
            jobs.keep_result(connection, job_id, {"error": sentence})
        raise
    with endpoint.pool.connection() as connection:
        jobs.keep_result(connection, job_id, result)


def _progress_writer(endpoint: Endpoint, job_id: int) -> ReportProgress:
    """Return a callback that stores a job's progress, at most every PROGRESS_INTERVAL seconds within a stage."""
    last = ("", 0.0)

    def tell(now: Progress) -> None:
        nonlocal last
        moment = time.monotonic()
        if now.stage != last[0] or moment - last[1] > PROGRESS_INTERVAL:
            last = (now.stage, moment)
            with endpoint.pool.connection() as connection:
                jobs.keep_progress(connection, job_id, now)

    return tell
