"""The gunicorn worker of the endpoint: a greenlet for each connection, time limits, and errors as JSON.

With threads, a client that sends a request slowly occupies one of a few threads, and some slow clients block everybody:
gunicorn's gthread reads a request's headers and body in the thread, without a time limit. With gevent a connection that waits
costs only memory. waitress, which buffers requests, would store whole uploads before the application can refuse them.
"""

import json
import re
import time
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

import gevent
from gunicorn import util
from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.ggevent import GeventWorker
from werkzeug.exceptions import RequestTimeout

IDLE_TIMEOUT = 30  # seconds in which a client sends or accepts nothing
SLOWEST_BODY = 16 * 1024  # bytes per second on average, after the first IDLE_TIMEOUT seconds
READ_SIZE = 64 * 1024  # bytes between two turns of the other connections

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class EndpointWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's gevent worker. The setting `keepalive` limits the time in which a request's headers must arrive."""

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        client.settimeout(IDLE_TIMEOUT)
        AsyncWorker.handle(self, listener, client, addr)  # GeventWorker.handle would remove the time limit.


def write_json_error(client: Any, status: int, reason: str, message: str) -> None:
    """Answer a request that gunicorn itself refuses in the endpoint's error shape, instead of with gunicorn's HTML."""
    code = re.sub(r"[^a-z]+", "_", reason.lower()).strip("_")
    text = f"{reason}: {message}" if message else f"{reason}."
    body = json.dumps({"error": {"code": code, "message": text, "detail": None}})
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"X-Content-Type-Options: nosniff\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(client, (head + body).encode("latin-1"))


util.write_error = write_json_error  # gunicorn has no setting for it.


class TimedBody:
    """A request body that must arrive in time. `read` raises RequestTimeout if it does not."""

    def __init__(self, body: BinaryIO) -> None:
        self._body, self._received, self._started = body, 0, time.monotonic()

    def read(self, size: int = -1) -> bytes:
        """Read everything, or at most `size` and at most READ_SIZE bytes. Other connections get a turn before each part."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(READ_SIZE), b""))
        return self._read(self._body.read, min(size, READ_SIZE))

    def readline(self, size: int = -1) -> bytes:
        return self._read(self._body.readline, READ_SIZE if size is None or size < 0 else min(size, READ_SIZE))

    def _read(self, read: Callable[[int], bytes], size: int) -> bytes:
        gevent.sleep(0)
        end = self._started + IDLE_TIMEOUT + (self._received + size) / SLOWEST_BODY
        try:
            with gevent.Timeout(max(0.0, end - time.monotonic()), TimeoutError):
                data = read(size)
        except TimeoutError:
            raise RequestTimeout(
                "The request body arrived too slowly. Send it again over a faster connection."
            ) from None
        self._received += len(data)
        return data


def with_timed_bodies(application: Application) -> Application:
    """Return the WSGI application with a TimedBody for each request."""

    def timed(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["wsgi.input"] = TimedBody(environ["wsgi.input"])
        return application(environ, start_response)

    return timed
