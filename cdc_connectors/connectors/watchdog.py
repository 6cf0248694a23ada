"""Restart what failed: `python -m cdc_connectors.connectors.watchdog`, for as long as it runs.

Kafka Connect leaves a failed task FAILED for good, even when its cause (a replica that was down) is gone. Each failed
connector is started again, at once and then at doubling pauses while it keeps failing. Answers GET /healthz.
"""

import json
import signal
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from cdc_connectors.command import log, service
from cdc_connectors.connectors.rest import Connect, Status
from cdc_connectors.errors import CdcError
from cdc_connectors.settings import load_settings
from common.health_server import LoggedHTTPServer

LOOK_EVERY = 2.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0  # seconds between two restarts of one connector
HEALED_AFTER = 30.0  # seconds of running, after which the next failure is a new one
STALLED_AFTER = 120.0  # seconds without a finished look: longer than every call of one look may take


@dataclass
class Backoff:
    """When one connector may be restarted again."""

    pause: float = 0.0
    not_before: float = 0.0
    restarted_at: float = 0.0

    def is_due(self, now: float) -> bool:
        return now >= self.not_before

    def restarted(self, now: float) -> None:
        self.pause = min(LONGEST_PAUSE, self.pause * 2 or FIRST_PAUSE)
        self.not_before, self.restarted_at = now + self.pause, now

    def seen_running(self, now: float) -> None:
        if now - self.restarted_at >= HEALED_AFTER:
            self.pause = self.not_before = 0.0


@dataclass
class Watchdog:
    """One look at a time; `looked_at` and `connect_answers` are what /healthz tells."""

    connect: Connect
    looked_at: float = field(default_factory=time.monotonic)
    connect_answers: bool | None = None
    backoffs: dict[str, Backoff] = field(default_factory=dict)

    def look(self, now: float) -> None:
        """Restart every failed connector whose pause is over."""
        try:
            for name, status in self.connect.statuses().items():
                self._tend(name, status, now)
            self._note(answers=True)
        except CdcError as error:
            self._note(answers=False, reason=str(error))
        self.looked_at = time.monotonic()

    def _tend(self, name: str, status: Status, now: float) -> None:
        backoff = self.backoffs.setdefault(name, Backoff())
        if status.is_running:
            backoff.seen_running(now)
        elif status.is_failed and backoff.is_due(now):
            backoff.restarted(now)
            log.warning(
                "restarting a failed connector",
                connector=name,
                cause=status.cause,
                next_pause_s=backoff.pause,
            )
            self.connect.restart_failed(name)

    def _note(self, *, answers: bool, reason: str = "") -> None:
        """Log a change, not every look."""
        if answers != self.connect_answers:
            self.connect_answers = answers
            if answers:
                log.info("Kafka Connect answers")
            else:
                log.warning(reason)

    @property
    def is_stalled(self) -> bool:
        return time.monotonic() - self.looked_at > STALLED_AFTER


def health_server(watchdog: Watchdog, host: str, port: int) -> LoggedHTTPServer:
    """GET /healthz: 200 while the watchdog looks, whatever it sees; 503 when it has stopped looking."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            found = self.path == "/healthz"
            code = (503 if watchdog.is_stalled else 200) if found else 404
            status = {200: "ok", 503: "stalled", 404: "not found"}[code]
            body = json.dumps({"status": status, "connect_answers": watchdog.connect_answers}).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A line per health check would hide the rest."""

    return LoggedHTTPServer((host, port), Handler)


@service("cdc-watchdog")
def main() -> None:
    """Watch the connectors and restart what failed."""
    settings = load_settings()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    watchdog = Watchdog(Connect(settings.connect))
    server = health_server(watchdog, settings.bind_host, settings.watchdog_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log.info("watching", url=settings.connect, health_port=settings.watchdog_port)
    while not stop.is_set():
        watchdog.look(time.monotonic())
        stop.wait(LOOK_EVERY)
    server.shutdown()
    log.info("stopped")


if __name__ == "__main__":
    main()
