"""The worker lock: an advisory lock in the source database that allows one worker process."""

from typing import Any

import psycopg

from common.database_options import connection_options
from flask_endpoint.jobs.tuning import LOCK_CHECK_INTERVAL, WORKER_LOCK_TIMEOUT

APPLICATION = "flask_endpoint.worker_lock"
SESSION = {"lock_timeout": f"{WORKER_LOCK_TIMEOUT.total_seconds():.0f}s"}
# Let the operating system report a server that vanished, instead of waiting for its default of two hours.
KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": LOCK_CHECK_INTERVAL,
    "keepalives_interval": LOCK_CHECK_INTERVAL,
    "keepalives_count": 2,
    "tcp_user_timeout": 2 * LOCK_CHECK_INTERVAL * 1_000,  # milliseconds: two intervals
}


async def acquire_worker_lock(url: str) -> psycopg.AsyncConnection:
    """Return a connection that holds the worker lock until it closes.

    Waits for the previous worker to stop. Raises OperationalError after WORKER_LOCK_TIMEOUT, and if the database cannot be reached.
    """
    options = connection_options(url, APPLICATION, SESSION) | KEEPALIVE
    connection = await psycopg.AsyncConnection.connect(url, autocommit=True, **options)
    try:
        await connection.execute("SELECT pg_advisory_lock(hashtext('flask_endpoint.worker'))")
    except psycopg.errors.LockNotAvailable as error:
        await connection.close()
        raise psycopg.OperationalError("Another worker runs on this database. Stop it first.") from error
    return connection


async def wait_until_lost(connection: psycopg.AsyncConnection) -> None:
    """Return when the connection is lost, and with it the worker lock."""
    try:
        while True:
            async for _ in connection.notifies(timeout=LOCK_CHECK_INTERVAL):
                pass  # No channel is listened to. Waiting for a notification notices a closed connection immediately.
            await connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return
