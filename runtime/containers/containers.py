"""The container runtime: every service is a container of the compose files, with its data in named volumes.

Commands run in one-off containers of a service's image. HTTP and SQL requests use the published ports, which are the same as in the
local runtime.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from runtime.containers import engine, images, project
from runtime.containers.compose_command import ComposeCommand
from runtime.containers.input_files import packed, unpacking
from runtime.containers.startup import Startup
from runtime.definition.compose import Service, with_dependencies
from runtime.definition.stack import PROJECT, Stack
from runtime.errors import OperatorError
from runtime.output.progress import GIB, report, report_slow, show_log
from runtime.output.results import last_json_line
from runtime.ports import require_free_ports

STOP_TIMEOUT = 30  # seconds until a service that does not stop is killed
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
        """The file that exists if this checkout may have containers or volumes. Contains their project name."""
        return self.stack.state / "containers"

    @property
    def _compose(self) -> ComposeCommand:
        return ComposeCommand(self.stack, self.project)

    def prepare(self, wanted: Sequence[str] = ()) -> None:
        services = self._check(wanted)
        if to_build := images.missing(service.image for service in services):
            engine.require_suitable(to_build=True)
            images.build(to_build, report_slow)

    def start(self, wanted: Sequence[str] = ()) -> None:
        services = self._check(wanted)
        self._marker.parent.mkdir(parents=True, exist_ok=True)
        self._marker.write_text(self.project)
        Startup(self._compose, self.stack.services(), report).run(services)

    def _check(self, wanted: Sequence[str]) -> list[Service]:
        """Return the wanted services and their dependencies in start order. Raises OperatorError if they cannot be started."""
        engine.require_suitable(to_build=False)
        self._require_own_project()
        self.stack.require_settings_of_data(has_data=self._marker.exists())
        services = self.stack.services()
        needed = [services[name] for name in with_dependencies(services, list(wanted))]
        running = {
            services[name].definition
            for name, state in project.states(self.project).items()
            if state.status == "running" and name in services
        }
        # More replicas of a running service get any free port of the range: Docker does not choose in order.
        require_free_ports([service for service in needed if service.definition not in running], self.stack)
        return needed

    def _require_own_project(self) -> None:
        """Raise OperatorError if another checkout owns containers or volumes of this name."""
        if not self._marker.exists() and project.exists(self.project):
            raise OperatorError(
                f"Another checkout has containers or volumes named {self.project}. Remove them with `make clean` there "
                f"(or `docker compose -p {self.project} down --volumes`), or set another COMPOSE_PROJECT_NAME in .env."
            )

    def _require_engine(self, done: str) -> None:
        """Raise OperatorError if the engine does not answer: its containers still exist and must not be forgotten."""
        if found := engine.problem():
            raise OperatorError(
                f"The containers and volumes named {self.project} cannot be {done}. {found} If they no longer exist, delete {self._marker}."
            )

    def stop(self) -> None:
        if self._marker.exists():
            self._require_engine("stopped")
            self._compose.down(STOP_TIMEOUT)

    def remove(self) -> None:
        if not self._marker.exists():
            return
        self._require_engine("removed")
        project.remove(self.project)
        self._marker.unlink()
        if self.stack.name == "use":
            images.remove()

    def has_data(self) -> bool:
        return self._marker.exists()

    def is_running(self) -> bool:
        if not self._marker.exists():
            return False
        try:
            return any(state.status == "running" for state in project.states(self.project).values())
        except OperatorError:  # An engine that does not answer blocks no command. The other runtime may be used.
            return False

    def states(self) -> dict[str, str]:
        found = project.states(self.project)
        return {
            service.name: found[service.name].word if service.name in found else "stopped"
            for service in self.stack.services().values()
            if not service.is_one_shot
        }

    def memory(self) -> str:
        return f"{project.memory(self.project) / GIB:.2f} GiB (all containers, as docker stats counts it)"

    def show_logs(self, service: str, follow: bool) -> None:
        services = self.stack.services()
        if service and service not in services:
            raise OperatorError(f"There is no service {service!r}; services: {', '.join(services)}.")
        chosen = [services[service].definition] if service else []
        options = ["--tail", "40", "--no-log-prefix", *(["--follow"] if follow else [])]
        compose = self._compose
        show_log(compose.line("logs", *options, *chosen), compose.environment(), with_service=not service)

    def call(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> int:
        with packed(files) as inbox:
            command = self._python(service, environment, arguments, files)
            return subprocess.call(command, stdin=inbox, env=self._compose.environment(), cwd=PROJECT)

    def call_json(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> Any:
        with packed(files) as inbox:
            command = self._python(service, environment, arguments, files)
            return last_json_line(command, arguments, inbox, env=self._compose.environment(), cwd=PROJECT)

    def _python(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path]) -> list[str]:
        """Return the command that runs an environment's Python in a new container of a service."""
        command = [f"{ENVIRONMENTS}/{environment}/bin/python", *arguments]
        definition = self.stack.services()[service].definition
        return self._compose.one_off(definition, *unpacking(command, files), with_inbox=bool(files))
