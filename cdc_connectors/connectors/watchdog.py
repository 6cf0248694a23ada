"""Restart failed connectors and tasks: `python -m cdc_connectors.connectors.watchdog`. Runs until stopped; serves GET /healthz.

Kafka Connect never restarts a FAILED task, even after the cause (for example, a replica that was down) is gone. The
watchdog restarts a failed connector immediately, and then with exponential backoff while it keeps failing.
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
from cdc_connectors.settings import Settings
from common.health_server import LoggedHTTPServer
from common.settings import load_settings

CHECK_INTERVAL = 2.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0  # seconds between two restarts of one connector
RECOVERED_AFTER = 30.0  # seconds of running after a restart that reset the backoff
STALLED_AFTER = 120.0  # seconds without a finished check; longer than all calls of one check may take


@dataclass
class Backoff:
    """Exponential backoff of one connector. Times are seconds of a monotonic clock."""

    pause: float = 0.0
    not_before: float = 0.0
    restarted_at: float = 0.0

    def is_due(self, now: float) -> bool:
        """Return whether the connector may be restarted now."""
        return now >= self.not_before

    def record_restart(self, now: float) -> None:
        """Double the pause before the next restart."""
        self.pause = min(LONGEST_PAUSE, self.pause * 2 or FIRST_PAUSE)
        self.not_before, self.restarted_at = now + self.pause, now

    def record_running(self, now: float) -> None:
        """Reset the pause once the connector has run for RECOVERED_AFTER seconds."""
        if now - self.restarted_at >= RECOVERED_AFTER:
            self.pause = self.not_before = 0.0


@dataclass
class Watchdog:
    """Checks all connectors of one Connect worker. /healthz reports `checked_at` and `connect_answers`."""

    connect: Connect
    checked_at: float = field(default_factory=time.monotonic)
    connect_answers: bool | None = None
    backoffs: dict[str, Backoff] = field(default_factory=dict)

    def check(self, now: float) -> None:
        """Restart every failed connector whose backoff pause has passed."""
        try:
            for name, status in self.connect.statuses().items():
                self._restart_if_failed(name, status, now)
            self._record_answer(answers=True)
        except CdcError as error:
            self._record_answer(answers=False, reason=str(error))
        self.checked_at = time.monotonic()

    def _restart_if_failed(self, name: str, status: Status, now: float) -> None:
        backoff = self.backoffs.setdefault(name, Backoff())
        if status.is_running:
            backoff.record_running(now)
        elif status.is_failed and backoff.is_due(now):
            backoff.record_restart(now)
            log.warning(
                "restarting a failed connector",
                connector=name,
                cause=status.cause,
                next_pause_s=backoff.pause,
            )
            self.connect.restart_failed(name)

    def _record_answer(self, *, answers: bool, reason: str = "") -> None:
        """Log only when Kafka Connect starts or stops answering."""
        if answers != self.connect_answers:
            self.connect_answers = answers
            if answers:
                log.info("Kafka Connect answers")
            else:
                log.warning(reason)

    @property
    def is_stalled(self) -> bool:
        """Return whether no check has finished for STALLED_AFTER seconds."""
        return time.monotonic() - self.checked_at > STALLED_AFTER


def health_server(watchdog: Watchdog, host: str, port: int) -> LoggedHTTPServer:
    """Return a server for GET /healthz: 200 while checks finish, whatever they find; 503 when they have stalled."""

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
            """Log nothing: a line per health check would hide the others."""

    return LoggedHTTPServer((host, port), Handler)


@service("cdc-watchdog")
def main() -> None:
    """Restart failed connectors and tasks until stopped."""
    settings = load_settings(Settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    watchdog = Watchdog(Connect(settings.connect, settings.require("connect_password")))
    server = health_server(watchdog, settings.bind_host, settings.watchdog_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log.info("watching connectors", url=settings.connect, health_port=settings.watchdog_port)
    while not stop.is_set():
        watchdog.check(time.monotonic())
        stop.wait(CHECK_INTERVAL)
    server.shutdown()
    log.info("stopped")


if __name__ == "__main__":
    main()
