"""The worker process, which runs queued jobs: `python -m flask_endpoint.worker`.

Exactly one worker runs. It holds the worker lock, an advisory lock in the source database. A worker that loses the lock exits
immediately, without finishing its jobs, because the next worker retries them.
"""

import asyncio
import json
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any, NoReturn

import psycopg
import structlog
from procrastinate import App
from psycopg_pool import ConnectionPool

from common.exit_codes import ExitCode
from common.health_server import LoggedHTTPServer
from common.settings import SettingsError, load_settings
from flask_endpoint.context import Endpoint
from flask_endpoint.database import open_pool
from flask_endpoint.jobs.queue import is_worker_alive, queue_for_worker
from flask_endpoint.jobs.recovery import recover_jobs
from flask_endpoint.jobs.tasks import add_tasks
from flask_endpoint.jobs.tuning import SLOTS, SPARE_THREADS
from flask_endpoint.jobs.worker_lock import acquire_worker_lock, wait_until_lost
from flask_endpoint.log_setup import set_up_logging
from flask_endpoint.settings import Settings
from flask_endpoint.spotify.token_store import cipher_of

log = structlog.get_logger(__name__)


def main() -> None:
    set_up_logging("flask-worker")
    try:
        asyncio.run(_run(load_settings(Settings)))
    except (SettingsError, psycopg.OperationalError) as error:
        log.critical(f"The worker cannot start: {error}")
        sys.exit(ExitCode.COULD_NOT_RUN)


async def work(endpoint: Endpoint, *, until_idle: bool = False) -> None:
    """Recover the jobs of the previous worker, then run queued jobs until SIGTERM or SIGINT. Running jobs are finished first.

    With `until_idle`, return when no job is queued. Raises RuntimeError if a queue is no longer served.
    """
    queue = endpoint.jobs
    add_tasks(queue, endpoint)
    threads = ThreadPoolExecutor(sum(SLOTS.values()) + SPARE_THREADS, thread_name_prefix="job")
    asyncio.get_running_loop().set_default_executor(threads)
    async with queue.open_async():
        await recover_jobs(endpoint)
        await _serve_queues(queue, until_idle)


async def _serve_queues(queue: App, until_idle: bool) -> None:
    workers = [
        asyncio.create_task(
            queue.run_worker_async(
                queues=[name], name=name, concurrency=slots, wait=not until_idle, install_signal_handlers=False
            )
        )
        for name, slots in SLOTS.items()
    ]
    if until_idle:
        await asyncio.gather(*workers)
        return
    is_stopping = _cancel_on_signal(workers)
    await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
    if not is_stopping.is_set():
        failures = [str(each.exception()) for each in workers if each.done() and each.exception()]
        raise RuntimeError(f"A queue is no longer served: {'; '.join(failures) or 'its worker stopped'}.")
    await asyncio.gather(*workers, return_exceptions=True)


def _cancel_on_signal(workers: list[asyncio.Task[None]]) -> asyncio.Event:
    """Let each worker finish its running jobs and stop at the first SIGTERM or SIGINT. A second SIGTERM kills the process.

    Returns an event that is set by the signal. procrastinate's own handlers would replace each other, so that one queue alone stopped.
    """
    loop, is_stopping = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        is_stopping.set()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)
        for worker in workers:
            worker.cancel()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    return is_stopping


async def _run(settings: Settings) -> None:
    """Run jobs while this process holds the worker lock."""
    url = settings.endpoint_database_url.get_secret_value()
    async with await acquire_worker_lock(url) as lock:
        with open_pool(url) as pool:
            _serve_health(pool, settings.listen_host, settings.worker_health_port)
            log.info("worker_started", slots=SLOTS)
            endpoint = Endpoint(settings, pool, cipher_of(settings), queue_for_worker(url))
            working = asyncio.create_task(work(endpoint))
            lock_lost = asyncio.create_task(wait_until_lost(lock))
            await asyncio.wait([working, lock_lost], return_when=asyncio.FIRST_COMPLETED)
            if lock_lost.done():
                _exit_now("The connection that holds the worker lock was lost.")
            if error := working.exception():
                _exit_now("The worker failed.", error)
            lock_lost.cancel()
            await asyncio.wait([lock_lost])


def _exit_now(reason: str, error: BaseException | None = None) -> NoReturn:
    """Exit without waiting for the threads of running jobs. The next worker retries these jobs."""
    log.critical(f"{reason} The worker exits; the next one retries its jobs.", exc_info=error)
    os._exit(ExitCode.COULD_NOT_RUN)


def _serve_health(pool: ConnectionPool, host: str, port: int) -> None:
    """Answer GET /healthz in a thread: 200 while the worker writes heartbeats to the database."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = (404, "not found") if self.path != "/healthz" else _health(pool)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"status": body}).encode())

        def log_message(self, *_: Any) -> None:
            """Do not log health checks."""

    server = LoggedHTTPServer((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()


def _health(pool: ConnectionPool) -> tuple[int, str]:
    try:
        with pool.connection(timeout=2) as connection:
            return (200, "up") if is_worker_alive(connection) else (503, "no heartbeat")
    except psycopg.Error:
        return 503, "the source database does not answer"


if __name__ == "__main__":
    main()
