"""The containers of a project, and their states and memory, as the Docker command line lists them."""

import re
from typing import NamedTuple

from runtime.containers import engine

OF_PROJECT = "com.docker.compose.project"
_SERVICE, _NUMBER, _ONE_OFF = (f"com.docker.compose.{name}" for name in ("service", "container-number", "oneoff"))
_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": engine.GIB}


class Container(NamedTuple):
    """A service's container: its state (`running`, `exited`, ...) and status (`Up 5 minutes (healthy)`) in `docker ps`."""

    state: str
    status: str

    @property
    def word(self) -> str:
        """One of the states of `runtime.runtimes.Runtime.states`."""
        for mark, word in (("(healthy)", "healthy"), ("(unhealthy)", "unhealthy"), ("(health: starting)", "starting")):
            if mark in self.status:
                return word
        return "stopped" if self.state in ("exited", "created", "dead") else self.state

    @property
    def is_ready(self) -> bool:
        """Whether it is healthy, or a job that succeeded."""
        return self.word == "healthy" or self.status.startswith("Exited (0)")

    @property
    def has_failed(self) -> bool:
        """Whether it is unhealthy, keeps ending, or is a job that failed."""
        return self.word in ("unhealthy", "restarting") or (
            self.status.startswith("Exited (") and not self.status.startswith("Exited (0)")
        )


def project_filter(project: str) -> list[str]:
    """Return the options of Docker's listing commands that select what belongs to the Compose project."""
    return ["--filter", f"label={OF_PROJECT}={project}"]


def containers_of(project: str) -> dict[str, Container]:
    """Return the project's containers by service, without those of one-off commands. Replica 2 of `page` is `page-2`."""
    columns = f'{{{{.Label "{_SERVICE}"}}}}\t{{{{.Label "{_NUMBER}"}}}}\t{{{{.State}}}}\t{{{{.Status}}}}'
    one_off = ["--filter", f"label={_ONE_OFF}=False"]
    found = {}
    for line in engine.ask("ps", "-a", *project_filter(project), *one_off, "--format", columns).splitlines():
        name, number, state, status = line.split("\t")
        found[name if number == "1" else f"{name}-{number}"] = Container(state, status)
    return found


def memory_of(project: str) -> float:
    """Return the bytes of memory of the project's containers, as `docker stats` counts them: without reclaimable file cache."""
    ids = engine.ask("ps", "-q", *project_filter(project)).split()
    usages = engine.ask("stats", "--no-stream", "--format", "{{.MemUsage}}", *ids) if ids else ""
    return sum(_bytes(line.split("/")[0].strip()) for line in usages.splitlines())


def _bytes(text: str) -> float:
    """Return Docker's size text (`512.3MiB`) in bytes."""
    match = re.fullmatch(r"([\d.]+)\s*([KMG]?i?B)", text)
    return float(match[1]) * _UNITS.get(match[2], 1) if match else 0.0
