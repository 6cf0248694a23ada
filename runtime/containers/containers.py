"""The container runtime: every service is a container of the compose files, with its data in named volumes.

Commands run in one-off containers of a service's image. HTTP and SQL requests use the published ports, which are the same as in the
local runtime.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from runtime.compose import Service, with_dependencies
from runtime.containers import engine, images
from runtime.containers.inbox import packed, unpacking
from runtime.containers.listing import containers_of, memory_of, project_filter
from runtime.errors import OperatorError, StageError
from runtime.log_lines import readable
from runtime.ports import require_free_ports
from runtime.progress import report, report_slow, show_log
from runtime.results import last_json_line
from runtime.stack import COMPOSE, PROJECT, Stack, simulated_spotify

START_TIMEOUT = 420  # seconds until every service must be healthy
STOP_TIMEOUT = 30  # seconds until a service that does not stop is killed
LOG_TAIL = 15  # lines shown of a failed service's log
ENVIRONMENTS = "/opt/env"  # As in the compose files.


class Containers:
    """The runtime `docker`. See `runtime.runtimes.Runtime`."""

    name = "docker"

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    @property
    def project(self) -> str:
        """The project name of containers, volumes and network. Existing ones keep the name they were made with."""
        if self._marker.exists():
            return self._marker.read_text().strip()
        name = self.stack.setting("COMPOSE_PROJECT_NAME") or "listening"
        return name if self.stack.name == "use" else f"{name}-{self.stack.name}"

    @property
    def _marker(self) -> Path:
        """File that exists if this checkout may have containers or volumes. Contains their project name."""
        return self.stack.state / "containers"

    def prepare(self, wanted: Sequence[str] = ()) -> None:
        services = self._check(wanted)
        if to_build := images.missing(service.image for service in services):
            engine.require_suitable(to_build=True)
            images.build(to_build, report_slow)

    def start(self, wanted: Sequence[str] = ()) -> None:
        services = self._check(wanted)
        self._marker.parent.mkdir(parents=True, exist_ok=True)
        self._marker.write_text(self.project)
        long_lived = [service.name for service in services if not service.is_one_shot]
        waited_for = set(with_dependencies(self.stack.services(), long_lived)) if long_lived else set()
        if long_lived:
            self._up(sorted({service.definition for service in services if not service.is_one_shot}), waited_for)
        for service in services:
            if service.is_one_shot and service.name not in waited_for:
                self._run_one_shot(service)

    def _check(self, wanted: Sequence[str]) -> list[Service]:
        """Return the wanted services and their dependencies in start order. Raises OperatorError if they cannot be started."""
        engine.require_suitable(to_build=False)
        self._require_own_project()
        self.stack.require_settings_of_data(has_data=self._marker.exists())
        services = self.stack.services()
        needed = [services[name] for name in with_dependencies(services, list(wanted))]
        running = {
            services[name].definition
            for name, container in containers_of(self.project).items()
            if container.state == "running" and name in services
        }
        # More replicas of a running service get any free port of the range: Docker does not choose in order.
        require_free_ports([service for service in needed if service.definition not in running], self.stack)
        return needed

    def _require_own_project(self) -> None:
        """Raise OperatorError if another checkout owns containers or volumes of this name."""
        if self._marker.exists():
            return
        ours = project_filter(self.project)
        if engine.ask("ps", "-aq", *ours) or engine.ask("volume", "ls", "-q", *ours):
            raise OperatorError(
                f"Containers or volumes named {self.project} exist that another checkout made. Remove them with `make clean` there "
                f"(or `docker compose -p {self.project} down --volumes`), or set another COMPOSE_PROJECT_NAME in .env."
            )

    def _require_engine(self, done: str) -> None:
        """Raise OperatorError if the engine does not answer: its containers still exist and must not be forgotten."""
        if found := engine.problem():
            raise OperatorError(
                f"The containers and volumes named {self.project} cannot be {done}. {found} If they no longer exist, delete {self._marker}."
            )

    def _up(self, definitions: Sequence[str], names: Iterable[str]) -> None:
        """Run `docker compose up --wait` and report each service when it becomes ready."""
        arguments = ["up", "--detach", "--wait", "--wait-timeout", str(START_TIMEOUT), *definitions]
        started, reported = time.monotonic(), set[str]()
        with tempfile.TemporaryFile("w+") as out:
            command = ["docker", *self._compose(), *arguments]
            with subprocess.Popen(
                command, env=os.environ | self._variables(), stdout=out, stderr=out, stdin=subprocess.DEVNULL
            ) as starting:
                while starting.poll() is None:
                    self._report_ready(names, reported, started)
                    time.sleep(1)
            self._report_ready(names, reported, started)
            if starting.returncode:
                out.seek(0)
                self._fail(names, out.read())

    def _report_ready(self, names: Iterable[str], reported: set[str], started: float) -> None:
        for name, container in containers_of(self.project).items():
            if name in names and name not in reported and container.is_ready:
                reported.add(name)
                report(name, "ready", time.monotonic() - started)

    def _fail(self, names: Iterable[str], output: str) -> None:
        """Raise StageError with the first unhealthy service and its last log lines, else with Docker's output."""
        for name, container in containers_of(self.project).items():
            if name in names and container.has_failed:
                raise StageError(
                    f"The service {name} did not become healthy ({container.status}). Read its log: make logs S={name}.",
                    self._log_tail(name),
                )
        lines = output.strip().splitlines()
        raise StageError(
            f"docker compose up failed: {lines[-1] if lines else 'no output'}", "\n".join(lines[-LOG_TAIL:])
        )

    def _run_one_shot(self, service: Service) -> None:
        started = time.monotonic()
        done = subprocess.run(
            ["docker", *self._compose(), "run", "--rm", "--no-deps", "-T", service.definition],
            env=os.environ | self._variables(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise StageError(
                f"The job {service.name} failed.",
                "\n".join(map(readable, (done.stdout + done.stderr).splitlines()[-LOG_TAIL:])),
            )
        report(service.name, "ready", time.monotonic() - started)

    def stop(self) -> None:
        if self._marker.exists():
            self._require_engine("stopped")
            engine.run([*self._compose(), "down", "--timeout", str(STOP_TIMEOUT)], self._variables())

    def remove(self) -> None:
        """Remove containers, volumes and network by label: this works without a valid settings file."""
        if not self._marker.exists():
            return
        self._require_engine("removed")
        ours = project_filter(self._marker.read_text().strip())
        for listing, removal in (
            (["ps", "-aq"], ["rm", "--force", "--volumes"]),
            (["volume", "ls", "-q"], ["volume", "rm", "--force"]),
            (["network", "ls", "-q"], ["network", "rm"]),
        ):
            if found := engine.ask(*listing, *ours).split():
                engine.run([*removal, *found])
        self._marker.unlink()
        if self.stack.name == "use":
            images.remove()

    def has_data(self) -> bool:
        return self._marker.exists()

    def is_running(self) -> bool:
        return self._marker.exists() and any(
            container.state == "running" for container in containers_of(self.project).values()
        )

    def states(self) -> dict[str, str]:
        found = containers_of(self.project)
        return {
            service.name: found[service.name].word if service.name in found else "stopped"
            for service in self.stack.services().values()
            if not service.is_one_shot
        }

    def memory(self) -> str:
        return f"{memory_of(self.project) / engine.GIB:.2f} GiB (all containers, as docker stats counts it)"

    def show_logs(self, service: str, follow: bool) -> None:
        services = self.stack.services()
        if service and service not in services:
            raise OperatorError(f"There is no service {service!r}; services: {', '.join(services)}.")
        chosen = [services[service].definition] if service else []
        arguments = ["logs", "--tail", "40", "--no-log-prefix", *(["--follow"] if follow else []), *chosen]
        show_log(["docker", *self._compose(), *arguments], os.environ | self._variables(), with_service=not service)

    def call(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> int:
        with packed(files) as inbox:
            command = self._one_off(service, environment, arguments, files)
            return subprocess.call(command, stdin=inbox, env=os.environ | self._variables(), cwd=PROJECT)

    def call_json(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> Any:
        with packed(files) as inbox:
            command = self._one_off(service, environment, arguments, files)
            return last_json_line(command, arguments, inbox, env=os.environ | self._variables(), cwd=PROJECT)

    def _one_off(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path]) -> list[str]:
        """Return the command that runs Python in a new container of a service. The files are sent through its standard input."""
        command = unpacking([f"{ENVIRONMENTS}/{environment}/bin/python", *arguments], files)
        definition = self.stack.services()[service].definition
        return ["docker", *self._compose(), "run", "--rm", "--no-deps", "-T", definition, *command]

    def _compose(self) -> list[str]:
        return ["compose", "-f", str(COMPOSE), "-p", self.project]

    def _variables(self) -> dict[str, str]:
        """Return the values of the compose files' variables for containers. Hosts stay unset: service names are the defaults."""
        settings = self.stack.settings()
        spotify = simulated_spotify(settings, "spotify")
        ours = {
            "COMPOSE_PROFILES": "simulated" if spotify["SPOTIFY_IS_SIMULATED"] == "true" else "",
            "IMAGE_TAG": images.tag(),
        }
        if self.stack.spotify_clock.exists():
            ours["SPOTIFY_CLOCK"] = self.stack.spotify_clock.read_text().strip()
        local_only = {name: "" for name in self.stack.variables() if name not in settings}
        return local_only | settings | spotify | ours

    def _log_tail(self, name: str) -> str:
        definition = self.stack.services()[name].definition
        command = ["docker", *self._compose(), "logs", "--no-log-prefix", "--tail", str(LOG_TAIL), definition]
        done = subprocess.run(
            command,
            env=os.environ | self._variables(),
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return "\n".join(map(readable, done.stdout.splitlines()))
