"""The small HTTP server by which a service answers for its health."""

from http.server import ThreadingHTTPServer
from typing import Any

import structlog

log = structlog.get_logger("http_server")


class LoggedHTTPServer(ThreadingHTTPServer):
    """Tells of a request that broke off in the service's log: Python's own would print a traceback as it comes."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.warning("a request broke off", exc_info=True)
