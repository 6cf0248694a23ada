"""Keep the replica following main: `python -m cdc_connectors.connectors.watchdog`. Runs until stopped; serves GET /healthz and /metrics.

Kafka Connect never restarts a FAILED task, even after the cause (for example, a replica that was down) is gone. The
watchdog restarts a failed connector immediately, and then with exponential backoff while it keeps failing. If changes were lost, a
restart cannot help: then the watchdog restarts nothing, and copies main to the replica again (CDC_REPAIR=auto) or reports the fault.
"""

import json
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler

import psycopg
from prometheus_client import CONTENT_TYPE_LATEST

from cdc_connectors.command import log, service
from cdc_connectors.configs.render import SINK, SOURCE
from cdc_connectors.connectors.rest import Connect, Status
from cdc_connectors.errors import CdcError, ResyncNeeded, ResyncRunning, Unavailable
from cdc_connectors.repair import dead_letters
from cdc_connectors.repair.chain import open_chain
from cdc_connectors.repair.following import ensure_following
from cdc_connectors.repair.metrics import scrape
from cdc_connectors.settings import Settings
from common.database import DatabaseUnreachable
from common.database_options import first_line
from common.health_server import LoggedHTTPServer
from common.settings import load_settings

CHECK_INTERVAL = 2.0  # seconds
LOOK_INTERVAL = 10.0  # seconds between two searches for lost changes while all connectors run
FAULT_INTERVAL = 60.0  # seconds more after a repair that failed: each may copy large tables
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 30.0  # seconds between two restarts of one connector
RECOVERED_AFTER = 30.0  # seconds of running after a restart that reset the backoff
MAX_RESTARTS = 3  # of the sink until its unread rows are copied instead
SHOWN_CAUSE = 300  # characters
STALLED_AFTER = 120.0  # seconds without a finished check; longer than all calls of one check may take


@dataclass
class Backoff:
    """Exponential backoff of one connector. Times are seconds of a monotonic clock."""

    pause: float = 0.0
    restarts: int = 0
    not_before: float = 0.0
    restarted_at: float = 0.0

    def is_due(self, now: float) -> bool:
        """Return whether the connector may be restarted now."""
        return now >= self.not_before

    def record_restart(self, now: float) -> None:
        """Double the pause before the next restart."""
        self.restarts += 1
        self.pause = min(LONGEST_PAUSE, self.pause * 2 or FIRST_PAUSE)
        self.not_before, self.restarted_at = now + self.pause, now

    def record_running(self, now: float) -> None:
        """Reset the pause once the connector has run for RECOVERED_AFTER seconds."""
        if now - self.restarted_at >= RECOVERED_AFTER:
            self.pause, self.restarts, self.not_before = 0.0, 0, 0.0


@dataclass
class Watchdog:
    """Checks all connectors of one Connect worker. /healthz reports what it found.

    `repair` makes the replica follow main again if changes are missing, or if the sink is blocked (its argument), and returns the
    number of dead letters. It raises CdcError if it cannot or may not.
    """

    connect: Connect
    repair: Callable[[bool], int]
    fault: str = ""
    dead_letters: int = 0
    failing: dict[str, str] = field(default_factory=dict)  # the cause by connector
    next_look: float = 0.0
    checked_at: float = field(default_factory=time.monotonic)
    connect_answers: bool | None = None
    backoffs: dict[str, Backoff] = field(default_factory=dict)

    def check(self, now: float) -> None:
        """Look for lost changes, and restart every failed connector whose backoff pause has passed."""
        try:
            statuses = self.connect.statuses()
            self._record_answer(answers=True)
            may_restart = not self.fault
            if now >= self.next_look or (may_restart and not _all_run(statuses)):
                self.next_look = now + LOOK_INTERVAL
                is_blocked = self._is_blocked(statuses, now)
                if is_blocked:
                    self.backoffs[SINK].record_restart(now)  # Bringing the sink past a change restarts it.
                may_restart = self._look(is_blocked=is_blocked)
                statuses = self.connect.statuses()
            self.failing = {name: status.cause[:SHOWN_CAUSE] for name, status in statuses.items() if status.is_failed}
            for name, status in statuses.items() if may_restart else ():
                self._restart_if_failed(name, status, now)
        except CdcError as error:
            self._record_answer(answers=False, reason=str(error))
        self.checked_at = time.monotonic()

    def _is_blocked(self, statuses: dict[str, Status], now: float) -> bool:
        """Return whether the sink still fails after restarts: it cannot write a change."""
        backoff = self.backoffs.get(SINK)
        is_failed = SINK in statuses and statuses[SINK].is_failed
        return backoff is not None and is_failed and backoff.restarts >= MAX_RESTARTS and backoff.is_due(now)

    def _look(self, *, is_blocked: bool) -> bool:
        """Repair what a restart cannot. Return whether failed connectors may be restarted: not while a fault remains."""
        try:
            self.dead_letters = self.repair(is_blocked)
            self.fault = ""
        except ResyncRunning:
            return False
        except (Unavailable, DatabaseUnreachable, psycopg.OperationalError) as error:
            # Nobody knows whether changes are lost. The last answer stands.
            if is_blocked:
                log.warning("the sink's unread rows could not be copied", cause=first_line(error))
                self.backoffs[SINK].restarts = 0  # It probably failed for the same reason, so a restart can help again.
        except ResyncNeeded as error:
            self._record_fault(str(error))
        except CdcError as error:
            self._record_fault(str(error))
            self.next_look += FAULT_INTERVAL
        except psycopg.Error as error:
            self._record_fault(f"A database refused the repair: {first_line(error)}.")
            self.next_look += FAULT_INTERVAL
        return not self.fault

    def _record_fault(self, fault: str) -> None:
        if fault != self.fault:
            log.error(fault)
        self.fault = fault

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


def _all_run(statuses: dict[str, Status]) -> bool:
    return statuses.keys() == {SOURCE, SINK} and all(status.is_running for status in statuses.values())


def health_server(watchdog: Watchdog, host: str, port: int, metrics: Callable[[], bytes]) -> LoggedHTTPServer:
    """Return a server for GET /healthz and GET /metrics.

    /healthz answers 200 while checks finish, whatever they find, and 503 when they have stalled.
    """

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, metrics())
                return
            found = self.path == "/healthz"
            code = (503 if watchdog.is_stalled else 200) if found else 404
            status = {200: "ok", 503: "stalled", 404: "not found"}[code]
            state = {
                "status": status,
                "connect_answers": watchdog.connect_answers,
                "fault": watchdog.fault,
                "dead_letters": watchdog.dead_letters,
                "failing": watchdog.failing,
            }
            self._answer(code, "application/json", json.dumps(state).encode())

        def _answer(self, code: int, content_type: str, body: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing: a line per health check would hide the others."""

    return LoggedHTTPServer((host, port), Handler)


def repair(settings: Settings, is_blocked: bool) -> int:
    """Make the replica follow main if it does not. Return the number of dead letters. Raises CdcError or DatabaseUnreachable."""
    with open_chain(settings) as chain:
        ensure_following(chain, is_blocked=is_blocked)
        return len(dead_letters.read(chain.topics))


@service("cdc-watchdog")
def main() -> None:
    """Restart failed connectors and tasks until stopped."""
    settings = load_settings(Settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Connect(settings.connect, settings.require("connect_password"))
    watchdog = Watchdog(worker, partial(repair, settings))
    server = health_server(
        watchdog,
        settings.bind_host,
        settings.watchdog_port,
        lambda: scrape(settings, watchdog.fault, watchdog.dead_letters),
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log.info("watching connectors", url=settings.connect, health_port=settings.watchdog_port)
    while not stop.is_set():
        watchdog.check(time.monotonic())
        stop.wait(CHECK_INTERVAL)
    server.shutdown()
    log.info("stopped")


if __name__ == "__main__":
    main()
