"""The two ways to run the stack, behind one interface: containers (`docker`) and local processes (`local`).

The variable RUNTIME chooses. The choice is stored next to the stack's data and applies to later commands. While one runtime runs,
the other is rejected: both use the same ports, and each has its own data.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from runtime.containers import engine
from runtime.containers.containers import Containers
from runtime.definition.stack import Stack
from runtime.errors import OperatorError
from runtime.local.processes import Processes

LOCAL_RUNTIME, DOCKER = "local", "docker"


class Runtime(Protocol):
    """The interface between operator commands and a runtime. Services have their names from the compose files."""

    name: str
    stack: Stack

    def prepare(self, wanted: Sequence[str] = ()) -> None:
        """Fetch and build everything for the wanted services (default: all) and their dependencies."""

    def start(self, wanted: Sequence[str] = ()) -> None:
        """Start the wanted services and their dependencies. Return when all are healthy. Raises OperatorError or StageError."""

    def stop(self) -> None:
        """Stop everything and keep the data."""

    def remove(self) -> None:
        """Stop everything and remove its data."""

    def has_data(self) -> bool:
        """Return whether the database source may hold data. Needs no running service."""

    def is_running(self) -> bool:
        """Return whether any service runs."""

    def states(self) -> dict[str, str]:
        """Return the state of each long-lived service: `healthy`, `unhealthy`, `starting`, `restarting`, `stopped`."""

    def memory(self) -> str:
        """Return the memory that all services use, as text."""

    def show_logs(self, service: str, follow: bool) -> None:
        """Print the last log lines of one service, or of all if the name is empty."""

    def call(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> int:
        """Run `python arguments files` in an environment with a service's settings. Return the exit code."""

    def call_json(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> Any:
        """Like `call`, but return the JSON of the last output line. Raises StageError with the last lines if the command fails."""


def best_runtime() -> str:
    """Return `docker` if a suitable engine answers, else `local`."""
    return DOCKER if engine.problem() is None else LOCAL_RUNTIME


def current_runtime(stack: Stack, default: Callable[[], str] = lambda: LOCAL_RUNTIME) -> Runtime:
    """Return the runtime of RUNTIME, else the one in use, else the default. Raises OperatorError while the other one runs."""
    wanted = os.environ.get("RUNTIME") or ""
    if wanted not in ("", LOCAL_RUNTIME, DOCKER):
        raise OperatorError(f"RUNTIME={wanted} is not supported. Use RUNTIME=docker or RUNTIME=local, or leave it out.")
    used = _remembered(stack)
    if wanted and used and wanted != used and _runtime(stack, used).is_running():
        raise OperatorError(
            f"The {used} runtime runs, and the {wanted} runtime needs the same ports. Stop it with RUNTIME={used} make down."
        )
    return _runtime(stack, wanted or used or default())


def remember(runtime: Runtime) -> None:
    """Store this runtime as the one that later commands use, until `make clean`."""
    runtime.stack.state.mkdir(parents=True, exist_ok=True)
    _runtime_file(runtime.stack).write_text(runtime.name)


def all_runtimes(stack: Stack) -> list[Runtime]:
    """Return both runtimes."""
    return [_runtime(stack, DOCKER), _runtime(stack, LOCAL_RUNTIME)]


def _runtime(stack: Stack, name: str) -> Runtime:
    return Containers(stack) if name == DOCKER else Processes(stack)


def _remembered(stack: Stack) -> str:
    file = _runtime_file(stack)
    return file.read_text().strip() if file.exists() else ""


def _runtime_file(stack: Stack) -> Path:
    return stack.state / "runtime"
