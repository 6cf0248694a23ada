"""How the endpoint is served: few processes with threads, since nearly all of a request is waiting for PostgreSQL."""

import os
import sys

from gunicorn.glogging import Logger

bind = f"{os.environ.get('LISTEN_HOST') or '127.0.0.1'}:{os.environ.get('FLASK_PORT') or '8000'}"
workers = 2
threads = 8
timeout = 120  # seconds without a sign of life of a whole process; a slow upload occupies a thread and does not count
graceful_timeout = 30
keepalive = 5
proc_name = "flask_endpoint"
control_socket_disable = True  # It would be a file in the home folder, the same one for every gunicorn there.


class OneChainLogger(Logger):
    """Leaves gunicorn's lines to our log chain; requests are logged by the app, without their query strings."""

    def setup(self, cfg) -> None:  # type: ignore[no-untyped-def]
        from flask_endpoint.log_setup import set_up_logging  # Only now is the checkout on the path.

        set_up_logging()
        self.error_log.propagate = True


logger_class = OneChainLogger


def on_starting(server) -> None:  # type: ignore[no-untyped-def]
    """Refuse to start without settings, once and in a sentence, instead of letting each worker process fail."""
    from common.settings import SettingsError, load_settings
    from flask_endpoint.settings import Settings

    try:
        load_settings(Settings)
    except SettingsError as error:
        server.log.critical(f"The endpoint cannot start: {error}")
        sys.exit(1)


def worker_exit(server, worker) -> None:  # type: ignore[no-untyped-def]
    """Close the connections. Python 3.13 waits 5 s at exit for each thread that a connection pool still runs."""
    if worker.booted:  # Else the application was never made.
        worker.wsgi.extensions["endpoint"].close()
