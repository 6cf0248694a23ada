"""One log line per request: what was asked, by its path only, and how it went."""

import time

import structlog
from apiflask import APIFlask
from flask import Response, g, request

UNLOGGED_ENDPOINTS = ("health.alive", "static", "home.jobs")  # asked again and again, by checks and by the page

log = structlog.get_logger(__name__)


def log_requests(app: APIFlask) -> None:
    app.before_request(_start)
    app.after_request(_log)


def _start() -> None:
    g.started = time.monotonic()


def _log(response: Response) -> Response:
    took = round((time.monotonic() - g.get("started", time.monotonic())) * 1000)
    if request.endpoint not in UNLOGGED_ENDPOINTS:
        asked = {"method": request.method, "path": request.path}
        log.info(f"{request.method} {request.path}", **asked, status=response.status_code, took_ms=took)
    return response
