"""Start services in the order, and with the health, that the compose files define: each as soon as what it needs is ready."""

import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from runtime.compose import Health, Service, with_dependencies
from runtime.errors import OperatorError, StageError
from runtime.local.service import command, environment, prepare_data
from runtime.local.supervisor import Supervisor
from runtime.log_lines import readable
from runtime.ports import refuse_taken_ports
from runtime.stack import PROJECT, Stack

ONE_SHOT_TIMEOUT = 300  # seconds a migration or registration may take
LOG_TAIL = 15  # lines shown of a failed service's log

Report = Callable[[str, str, float], None]  # (service, state, seconds it took)


def start(stack: Stack, wanted: list[str] | None = None, report: Report = lambda *_: None) -> None:
    """Start the wanted services (all by default) and what they need; returns when all are healthy.

    Raises OperatorError when a port is taken, StageError when a service does not become healthy.
    """
    services = stack.services()
    names = with_dependencies(services, wanted or [])
    supervisor = Supervisor(stack)
    states = supervisor.states()
    refuse_taken_ports(
        [services[name] for name in names if states.get(name) not in ("RUNNING", "STARTING", "BACKOFF")], stack
    )
    supervisor.start(services)
    ready = {name: threading.Event() for name in names}
    failed = threading.Event()

    def bring_up(name: str) -> None:
        for other in services[name].depends_on:
            while not ready[other].wait(0.1):
                if failed.is_set():
                    return
        began = time.monotonic()
        report(name, "starting", 0.0)
        try:
            _run_one_shot(stack, services[name]) if services[name].is_one_shot else _start_and_wait(
                stack, supervisor, services[name], failed
            )
        except OperatorError:
            failed.set()
            raise
        if failed.is_set():
            return
        ready[name].set()
        report(name, "ready", time.monotonic() - began)

    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        for outcome in [pool.submit(bring_up, name) for name in names]:
            outcome.result()


def is_healthy(stack: Stack, service: Service) -> bool:
    """Run the service's health check once."""
    if service.health is None:
        return True
    try:
        done = subprocess.run(
            service.health.test, env=environment(stack, service), capture_output=True, timeout=service.health.timeout
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def log_tail(stack: Stack, name: str, lines: int = LOG_TAIL) -> str:
    """The last lines of a service's log."""
    file = stack.logs / f"{name}.log"
    if not file.exists():
        return ""
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - 64_000))
        return "\n".join(map(readable, log.read().decode(errors="replace").splitlines()[-lines:]))


def _start_and_wait(stack: Stack, supervisor: Supervisor, service: Service, failed: threading.Event) -> None:
    supervisor.start_service(service.name)
    health = service.health or Health((), 1, 1, 1, 10, 0.5)
    deadline = time.monotonic() + health.start_period + health.interval * health.retries
    while not is_healthy(stack, service):
        if failed.is_set():
            return
        if time.monotonic() > deadline:
            raise StageError(
                f"The service {service.name} did not become healthy; see {stack.logs / service.name}.log.",
                log_tail(stack, service.name),
            )
        time.sleep(health.start_interval)


def _run_one_shot(stack: Stack, service: Service) -> None:
    prepare_data(stack, service)
    with (stack.logs / f"{service.name}.log").open("ab") as log:
        try:
            code = subprocess.run(
                command(service),
                env=environment(stack, service),
                cwd=PROJECT,
                stdout=log,
                stderr=log,
                timeout=ONE_SHOT_TIMEOUT,
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
    if code:
        raise StageError(
            f"The job {service.name} failed; see {stack.logs / service.name}.log.", log_tail(stack, service.name)
        )
