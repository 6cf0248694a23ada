"""Settings of gunicorn: few processes with many greenlets, because a request mostly waits for its client or for PostgreSQL."""

import os
import sys

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

LOOPBACK = "127.0.0.1"
INCLUDE_LOOPBACK = ("0.0.0.0", "[::]", "localhost", LOOPBACK)  # noqa: S104

host, port = os.environ.get("LISTEN_HOST") or LOOPBACK, os.environ.get("FLASK_PORT") or "8000"
# The health check and the other services of the local runtime call 127.0.0.1, also if BIND_HOST is the address of a network.
bind = [f"{address}:{port}" for address in ([host] if host in INCLUDE_LOOPBACK else [host, LOOPBACK])]
workers = 2
worker_class = "flask_endpoint.serving.EndpointWorker"
worker_connections = 200  # of each process; more wait until one ends
timeout = 120  # seconds without a heartbeat of a process; a slow upload occupies only a greenlet, so it does not count
graceful_timeout = 30
# Seconds until a connection without a request is closed. A request's headers must also arrive in this time.
keepalive = 5
proc_name = "flask_endpoint"
control_socket_disable = True  # Its file in the home folder would be shared by every gunicorn of the user.


class JsonLinesLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Send gunicorn's log lines through our JSON logging. The application logs requests, without their query strings."""

    def setup(self, cfg: Config) -> None:
        from flask_endpoint.log_setup import set_up_logging  # The project is on the path only from here on.

        set_up_logging()
        self.error_log.propagate = True


logger_class = JsonLinesLogger


def on_starting(server: Arbiter) -> None:
    """Exit with one message if settings are missing, instead of once per worker process."""
    from common.exit_codes import ExitCode
    from common.settings import SettingsError, load_settings
    from flask_endpoint.settings import Settings

    try:
        load_settings(Settings)
    except SettingsError as error:
        server.log.critical(f"The endpoint cannot start: {error}")
        sys.exit(ExitCode.COULD_NOT_RUN)


def worker_exit(server: Arbiter, worker: Worker) -> None:
    """Close the connections. Python 3.13 waits 5 s at exit for each thread that a connection pool still runs."""
    if worker.booted:  # Otherwise the application was not created.
        worker.wsgi.extensions["endpoint"].close()
