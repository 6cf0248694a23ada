"""The HTTP server behind a service's health endpoint."""

from http.server import ThreadingHTTPServer
from typing import Any

import structlog

log = structlog.get_logger("http_server")


class LoggedHTTPServer(ThreadingHTTPServer):
    """HTTP server that logs an aborted request as one line. Python's own server prints a traceback to stderr."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.warning("request aborted", exc_info=True)
