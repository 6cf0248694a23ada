"""The containers, volumes and networks of one Compose project, found by its label. Needs no settings file."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from runtime.containers.client import connection
from runtime.output.log_lines import tail

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"  # "1" for the first replica
ONE_OFF_LABEL = "com.docker.compose.oneoff"  # "True" for containers of `docker compose run`
CANNOT_READ_DATA = 78  # Exit code of docker/bin/postgres-server.


@dataclass(frozen=True)
class ContainerState:
    """The state of one container: `status` is Docker's word, `health` is empty without a health check."""

    status: str
    health: str
    exit_code: int
    restart_count: int = 0

    @property
    def word(self) -> str:
        """`healthy`, `unhealthy`, `starting`, `restarting`, `running` or `stopped`."""
        if self.status == "running":
            return self.health or "running"
        return "stopped" if self.status in ("exited", "created", "dead") else self.status

    @property
    def is_ready(self) -> bool:
        """Whether the service is healthy, or the one-shot job succeeded."""
        return self.word == "healthy" or (self.status == "exited" and self.exit_code == 0)

    @property
    def has_failed(self) -> bool:
        """Whether the service is unhealthy, the job failed, or the process ended and was started again without success yet."""
        has_ended = self.restart_count > 0 or (self.status == "exited" and self.exit_code != 0)
        return not self.is_ready and (has_ended or self.word in ("unhealthy", "restarting"))

    @property
    def description(self) -> str:
        """The state in a few words, for example `restarting, exit code 1, restarted 3 times`."""
        code = f", exit code {self.exit_code}" if self.exit_code else ""
        restarts = f", restarted {self.restart_count} times" if self.restart_count else ""
        return f"{self.word}{code}{restarts}"

    @property
    def cannot_recover(self) -> bool:
        """Whether a restart cannot help: the service exits because of its data."""
        return self.exit_code == CANNOT_READ_DATA and self.status in ("restarting", "exited")


def states(project: str) -> dict[str, ContainerState]:
    """Return the state of each service's container. The second replica of `worker` is `worker-2`.

    Raises OperatorError if the engine does not answer.
    """
    with connection() as client:
        filters = _filters(project, {ONE_OFF_LABEL: "False"})
        containers = client.containers.list(all=True, filters=filters, ignore_removed=True)
        return {_service_name(container.labels): _state(container.attrs) for container in containers}


def log_tail(project: str, name: str, lines: int) -> str:
    """Return the last lines of a service's log, for people."""
    with connection() as client:
        filters = _filters(project, {ONE_OFF_LABEL: "False"} | _service_labels(name))
        for container in client.containers.list(all=True, filters=filters, sparse=True):
            return tail(container.logs(tail=lines).decode(errors="replace"), lines)
    return ""


def exists(project: str) -> bool:
    """Return whether containers or volumes of the project exist."""
    with connection() as client:
        filters = _filters(project)
        return bool(
            client.containers.list(all=True, filters=filters, sparse=True) or client.volumes.list(filters=filters)
        )


def remove(project: str) -> None:
    """Remove the project's containers, volumes and networks."""
    with connection() as client:
        filters = _filters(project)
        for container in client.containers.list(all=True, filters=filters, sparse=True):
            container.remove(force=True, v=True)
        for volume in client.volumes.list(filters=filters):
            volume.remove(force=True)
        for network in client.networks.list(filters=filters):
            network.remove()


def memory(project: str) -> int:
    """Return the bytes of memory of the running containers, without file cache that the kernel can reclaim."""
    with connection() as client:
        running = client.containers.list(filters=_filters(project), sparse=True)
        return sum(_used_memory(container.stats(stream=False, one_shot=True)) for container in running)


def _filters(project: str, labels: Mapping[str, str] = MappingProxyType({})) -> dict[str, list[str]]:
    """Return the filter for what belongs to the project and has these labels too."""
    return {"label": [f"{name}={value}" for name, value in {PROJECT_LABEL: project, **labels}.items()]}


def _service_name(labels: Mapping[str, str]) -> str:
    name, number = labels[SERVICE_LABEL], labels[NUMBER_LABEL]
    return name if number == "1" else f"{name}-{number}"


def _service_labels(name: str) -> dict[str, str]:
    """Return the labels of the container that `_service_name` gives this name."""
    service, _, number = name.rpartition("-")
    return (
        {SERVICE_LABEL: service, NUMBER_LABEL: number} if number.isdigit() else {SERVICE_LABEL: name, NUMBER_LABEL: "1"}
    )


def _state(attributes: Mapping[str, Any]) -> ContainerState:
    """Read the answer of `docker inspect`."""
    state = attributes["State"]
    health = (state.get("Health") or {}).get("Status", "")
    return ContainerState(state["Status"], health, state["ExitCode"], attributes["RestartCount"])


def _used_memory(stats: Mapping[str, Any]) -> int:
    """Return the used bytes as `docker stats` computes them. The name of the cache field depends on the cgroup version."""
    memory_stats = stats["memory_stats"]
    details = memory_stats.get("stats", {})
    cache = details.get("total_inactive_file", details.get("inactive_file", 0))
    return int(memory_stats.get("usage", 0)) - int(cache)
