"""Start the services of the local runtime in dependency order. A service starts as soon as everything it depends on is ready."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from runtime.definition.compose import Health, Service, with_dependencies
from runtime.definition.stack import Stack
from runtime.errors import StageError
from runtime.local.data_folders import require_readable_data
from runtime.local.probe import is_healthy, log_tail, run_one_shot
from runtime.local.supervisor import Supervisor
from runtime.output.progress import Report
from runtime.ports import require_free_ports

# For a service without a health check: it is ready once the supervisor reports it as running.
NO_HEALTH_CHECK = Health((), 1, 1, 1, 10, 0.5)
DEPENDENCY_POLL = 0.1  # seconds between two checks whether a dependency is ready
# A process in one of these states does not run. Its health check can pass nevertheless, if another process answers it.
DOWN_STATES = {"BACKOFF", "EXITED", "FATAL"}


def start(stack: Stack, wanted: list[str] | None = None, report: Report = lambda *_: None) -> None:
    """Start the wanted services (default: all) and their dependencies. Return when all are healthy.

    Raises OperatorError if a port is in use or a data folder cannot be read, StageError if a service does not become healthy.
    """
    services = stack.services()
    names = with_dependencies(services, wanted or [])
    supervisor = Supervisor(stack)
    states = supervisor.states()
    to_start = [services[name] for name in names if states.get(name) not in ("RUNNING", "STARTING", "BACKOFF")]
    require_free_ports(to_start, stack)
    require_readable_data(stack, to_start)
    supervisor.start(services)
    Startup(stack, services, supervisor, report).run(names)


@dataclass
class Startup:
    """One start of several services, each in its own thread. The first error stops the waits of all the others."""

    stack: Stack
    services: Mapping[str, Service]
    supervisor: Supervisor
    report: Report
    probe: Callable[[Stack, Service], bool] = is_healthy
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[threading.Event, float], bool] = threading.Event.wait
    ready: dict[str, threading.Event] = field(default_factory=dict)
    failed: threading.Event = field(default_factory=threading.Event)

    def run(self, names: Sequence[str]) -> None:
        """Start the named services, each listed after its dependencies. Raises the first error of a thread."""
        self.ready = {name: threading.Event() for name in names}
        with ThreadPoolExecutor(max_workers=len(names)) as pool:
            try:
                for outcome in [pool.submit(self._start_when_possible, name) for name in names]:
                    outcome.result()
            except BaseException:  # Ctrl-C included: leaving the pool waits for its threads.
                self.failed.set()
                raise

    def _start_when_possible(self, name: str) -> None:
        try:
            self._start(self.services[name])
        except BaseException:  # Any error: the threads that wait for this service would otherwise never return.
            self.failed.set()
            raise

    def _start(self, service: Service) -> None:
        for dependency in service.depends_on:
            while not self.ready[dependency].wait(DEPENDENCY_POLL):
                if self.failed.is_set():
                    return
        started_at = self.clock()
        self.report(service.name, "starting", 0.0)
        if service.is_one_shot:
            run_one_shot(self.stack, service)
        else:
            self._start_and_wait(service)
        if self.failed.is_set():
            return
        self.ready[service.name].set()
        self.report(service.name, "ready", self.clock() - started_at)

    def _start_and_wait(self, service: Service) -> None:
        """Start the service and return when it is healthy, or when another service failed. Raises StageError when its time to start is over."""
        self.supervisor.start_service(service.name)
        health = service.health or NO_HEALTH_CHECK
        bound = health.start_period + health.interval * health.retries
        deadline = self.clock() + bound
        while True:
            state = self.supervisor.states().get(service.name, "STOPPED")
            if self._is_ready(service, state) or self.failed.is_set():
                return
            if state == "FATAL" or self.clock() > deadline:
                raise self._failure(service.name, state, bound)
            self.wait(self.failed, health.start_interval)

    def _is_ready(self, service: Service, state: str) -> bool:
        if service.health is None:
            return state == "RUNNING"
        return state not in DOWN_STATES and self.probe(self.stack, service)

    def _failure(self, name: str, state: str, bound: float) -> StageError:
        log = self.stack.logs / f"{name}.log"
        if state in DOWN_STATES:
            problem = f"The process of the service {name} keeps ending (state {state})"
        else:
            problem = f"The service {name} did not become healthy within {bound:.0f} s (state {state})"
        return StageError(
            f"{problem}. Read {log}, fix the cause, then run the command again.", log_tail(self.stack, name)
        )
