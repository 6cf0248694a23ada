"""The two ways to run the one stack, behind one face: containers (`docker`) and processes of this machine (`local`).

The setting RUNTIME chooses. The one in use is remembered beside the stack's data, and every command follows it; while one runs
the other is refused, since both want the same ports and each has data of its own.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from runtime.containers import engine
from runtime.containers.containers import Containers
from runtime.errors import OperatorError
from runtime.local.processes import Processes
from runtime.stack import Stack

LOCAL_RUNTIME, DOCKER = "local", "docker"


class Runtime(Protocol):
    """What the operator's commands ask of a runtime. Services are named as in the compose files."""

    name: str
    stack: Stack

    def prepare(self, wanted: Sequence[str] = ()) -> None:
        """Fetch and build what the wanted services (all, where none is named) and those they need run on."""

    def start(self, wanted: Sequence[str] = ()) -> None:
        """Start the wanted services and those they need; returns when all are healthy. Raises OperatorError or StageError."""

    def stop(self) -> None:
        """Stop everything; the data stays."""

    def remove(self) -> None:
        """Stop everything and remove its data."""

    def has_data(self) -> bool:
        """Return whether the database source may hold data. Needs no running service."""

    def is_running(self) -> bool:
        """Return whether any service runs."""

    def states(self) -> dict[str, str]:
        """Each long-lived service's state in a word: `healthy`, `unhealthy`, `starting`, `restarting`, `stopped`."""

    def memory(self) -> str:
        """The memory that all services use together, in words."""

    def show_logs(self, service: str, follow: bool) -> None:
        """Print the last lines of one service's log, of all where none is named."""

    def call(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> int:
        """Run `python arguments files` of an environment with a service's settings; the exit code."""

    def call_json(self, service: str, environment: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> Any:
        """The same for a command whose last line of output is JSON: that. Raises StageError with what it said when it fails."""


def best_runtime() -> str:
    """Containers where an engine that will do answers, else local processes."""
    return DOCKER if engine.fault() is None else LOCAL_RUNTIME


def current_runtime(stack: Stack, default: Callable[[], str] = lambda: LOCAL_RUNTIME) -> Runtime:
    """The runtime that RUNTIME names, else the one in use, else the default. Raises OperatorError while the other one runs."""
    wanted = os.environ.get("RUNTIME") or ""
    if wanted not in ("", LOCAL_RUNTIME, DOCKER):
        raise OperatorError(f"RUNTIME={wanted} is no runtime: choose RUNTIME=docker or RUNTIME=local, or leave it out.")
    used = _remembered(stack)
    if wanted and used and wanted != used and _runtime(stack, used).is_running():
        raise OperatorError(
            f"The {used} runtime runs, and the {wanted} one would need its ports: stop it first with RUNTIME={used} make down."
        )
    return _runtime(stack, wanted or used or default())


def remember(runtime: Runtime) -> None:
    """Have later commands follow this runtime, until `make clean`."""
    runtime.stack.state.mkdir(parents=True, exist_ok=True)
    _memory_of(runtime.stack).write_text(runtime.name)


def all_runtimes(stack: Stack) -> list[Runtime]:
    """Both, for what must leave nothing of either."""
    return [_runtime(stack, DOCKER), _runtime(stack, LOCAL_RUNTIME)]


def _runtime(stack: Stack, name: str) -> Runtime:
    return Containers(stack) if name == DOCKER else Processes(stack)


def _remembered(stack: Stack) -> str:
    file = _memory_of(stack)
    return file.read_text().strip() if file.exists() else ""


def _memory_of(stack: Stack) -> Path:
    return stack.state / "runtime"
