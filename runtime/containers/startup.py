"""Start services as containers: run `docker compose up`, report each service that becomes ready, name the one that fails."""

import subprocess
import tempfile
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from runtime.containers.compose_command import ComposeCommand
from runtime.containers.project import ContainerState, log_tail, states
from runtime.definition.compose import Service, with_dependencies
from runtime.errors import OperatorError, StageError
from runtime.output.log_lines import LOG_TAIL, tail
from runtime.output.progress import Report

START_TIMEOUT = 420  # seconds until every service must be healthy
POLL_INTERVAL = 1  # seconds between two looks at the containers


@dataclass(frozen=True)
class Startup:
    """One start of services. `services` are all services of the stack, by name."""

    compose: ComposeCommand
    services: Mapping[str, Service]
    report: Report

    def run(self, wanted: Sequence[Service]) -> None:
        """Start the wanted services, listed with their dependencies. Raises StageError if one fails.

        Compose runs the jobs on which a service depends; the other jobs run afterwards.
        """
        long_lived = [service for service in wanted if not service.is_one_shot]
        awaited: Collection[str] = ()
        if long_lived:
            awaited = with_dependencies(self.services, [service.name for service in long_lived])
            self._up(sorted({service.definition for service in long_lived}), awaited)
        for service in wanted:
            if service.is_one_shot and service.name not in awaited:
                self._run_job(service)

    def _up(self, definitions: Sequence[str], awaited: Collection[str]) -> None:
        """Run `docker compose up --wait`, and report each awaited service when it becomes ready."""
        command = self.compose.line("up", "--detach", "--wait", "--wait-timeout", str(START_TIMEOUT), *definitions)
        started_at, reported = time.monotonic(), set[str]()
        with (
            tempfile.TemporaryFile("w+") as out,
            subprocess.Popen(
                command, env=self.compose.environment(), stdout=out, stderr=out, stdin=subprocess.DEVNULL
            ) as starting,
        ):
            while True:
                is_finished = _wait(starting)
                found = self._states(awaited)
                for name in found.keys() - reported:
                    if found[name].is_ready:
                        reported.add(name)
                        self.report(name, "ready", time.monotonic() - started_at)
                cannot_recover = any(state.cannot_recover for state in found.values())
                if cannot_recover:  # Compose would wait until START_TIMEOUT.
                    starting.terminate()
                    starting.wait()
                if cannot_recover or starting.returncode:
                    out.seek(0)
                    self._fail(found, out.read())
                if is_finished:
                    return

    def _states(self, awaited: Collection[str]) -> dict[str, ContainerState]:
        """Return the states of the awaited services, or {} if the engine does not answer now. Compose reports it if it lasts."""
        try:
            return {name: state for name, state in states(self.compose.project).items() if name in awaited}
        except OperatorError:
            return {}

    def _fail(self, found: Mapping[str, ContainerState], output: str) -> NoReturn:
        """Raise StageError with a failed service and the end of its log, else with the end of Docker's output."""
        for name in sorted(found, key=lambda name: not found[name].cannot_recover):
            if found[name].has_failed:
                raise StageError(
                    f"The service {name} did not become healthy ({found[name].description}). "
                    f"Read its log: make logs S={name}.",
                    log_tail(self.compose.project, name, LOG_TAIL),
                )
        lines = output.strip().splitlines()
        raise StageError(
            f"docker compose up failed: {lines[-1] if lines else 'no output'}", "\n".join(lines[-LOG_TAIL:])
        )

    def _run_job(self, service: Service) -> None:
        started_at = time.monotonic()
        done = subprocess.run(
            self.compose.one_off(service.definition),
            env=self.compose.environment(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise StageError(
                f"The job {service.name} failed with exit code {done.returncode}. Fix the cause, then run the command again.",
                tail(done.stdout + done.stderr, LOG_TAIL),
            )
        self.report(service.name, "ready", time.monotonic() - started_at)


def _wait(process: subprocess.Popen[bytes]) -> bool:
    """Wait up to POLL_INTERVAL and return whether the process has ended."""
    try:
        process.wait(POLL_INTERVAL)
    except subprocess.TimeoutExpired:
        return False
    return True
