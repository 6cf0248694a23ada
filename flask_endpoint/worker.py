"""The one worker process, which runs the queued jobs: `python -m flask_endpoint.worker`.

It holds a lock in the database, so that there is only one and whatever was running when it starts is known to be dead.
"""

import asyncio
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

import psycopg
import structlog
from psycopg_pool import ConnectionPool, PoolTimeout

from common.health_server import LoggedHTTPServer
from common.settings import SettingsError, load_settings
from flask_endpoint.context import Endpoint
from flask_endpoint.database import connect, open_pool
from flask_endpoint.jobs.queue import is_worker_alive, queue_for_worker
from flask_endpoint.jobs.tasks import add_tasks, revive
from flask_endpoint.log_setup import set_up_logging
from flask_endpoint.settings import Settings
from flask_endpoint.spotify.token_store import cipher_of

JOBS_AT_ONCE = 3  # A long import and a long enrichment must not hold up the hourly sync.

log = structlog.get_logger(__name__)


def main() -> None:
    set_up_logging("flask-worker")
    try:
        settings = load_settings(Settings)
        url = settings.endpoint_database_url.get_secret_value()
        guard = _acquire_worker_lock(url)
    except (SettingsError, psycopg.OperationalError) as error:
        log.critical(f"The worker cannot start: {error}")
        sys.exit(1)
    pool, queue = open_pool(url), queue_for_worker(url)
    _serve_health(pool, settings.listen_host, settings.worker_health_port)
    log.info("worker_started", at_once=JOBS_AT_ONCE)
    with guard, pool:
        asyncio.run(work(Endpoint(settings, pool, cipher_of(settings), queue)))


async def work(endpoint: Endpoint, *, until_idle: bool = False) -> None:
    """Run again what a dead worker left behind, then whatever is queued, until told to stop."""
    queue = endpoint.jobs
    add_tasks(queue, endpoint)
    async with queue.open_async():
        await revive(queue, seconds_since_heartbeat=0)
        await queue.run_worker_async(
            concurrency=JOBS_AT_ONCE,
            install_signal_handlers=not until_idle,
            wait=not until_idle,
        )


def _acquire_worker_lock(url: str) -> psycopg.Connection:
    """Acquire the worker lock; wait up to a minute for the previous worker to release it."""
    guard = connect(url)
    guard.autocommit = True
    guard.execute("SET lock_timeout = '60s'")
    try:
        guard.execute("SELECT pg_advisory_lock(hashtext('flask_endpoint.worker'))")
    except psycopg.errors.LockNotAvailable as error:
        raise psycopg.OperationalError("another worker runs on this database: stop it first.") from error
    return guard


def _serve_health(pool: ConnectionPool, host: str, port: int) -> None:
    """Answer GET /healthz from a thread: 200 while the worker's heartbeat reaches the database."""

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
    except (psycopg.Error, PoolTimeout):
        return 503, "the source database does not answer"


if __name__ == "__main__":
    main()
