"""Log one line per request: method, path without the query string, status and duration."""

import time

import structlog
from apiflask import APIFlask
from flask import Response, g, request

UNLOGGED_ENDPOINTS = ("health.alive", "static", "home.jobs")  # requested every few seconds

log = structlog.get_logger(__name__)


def log_requests(app: APIFlask) -> None:
    """Register the request log."""
    app.before_request(_start)
    app.after_request(_log)


def _start() -> None:
    g.started = time.monotonic()


def _log(response: Response) -> Response:
    took_ms = round((time.monotonic() - g.get("started", time.monotonic())) * 1000)
    if request.endpoint not in UNLOGGED_ENDPOINTS:
        log.info(
            f"{request.method} {request.path}",
            method=request.method,
            path=request.path,
            status=response.status_code,
            took_ms=took_ms,
        )
    return response
