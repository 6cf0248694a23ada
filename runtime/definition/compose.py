"""Read the services of the compose files for the local runtime: command, environment, dependencies, health check.

The block `x-local` has keys for processes only: `unprivileged` (never run as root) and `path` (folders to put first on PATH).
A key that is neither read here nor listed as container-only is rejected: otherwise the two runtimes could behave differently.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from runtime.definition.interpolation import interpolate
from runtime.errors import OperatorError

_DURATION = re.compile(r"(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_FIRST_OF_RANGE = re.compile(r"\$\{(\w+)[^}]*\}-")  # In a published port: `${FIRST_PORT}-${LAST_PORT}:8101`.
_READ = {"command", "environment", "depends_on", "healthcheck", "ports", "restart", "stop_signal", "profiles", "scale"}
_READ |= {"image", "x-local"}
_READ_LOCAL = {"unprivileged", "path"}
# Isolation, limits and mounts, which a local process does not have.
_CONTAINERS_ONLY = {"extends", "volumes", "configs", "mem_limit", "shm_size", "read_only", "tmpfs", "cpu_shares"}


@dataclass(frozen=True)
class Health:
    """A health check: `test` is the command; times in seconds."""

    test: tuple[str, ...]
    interval: float
    timeout: float
    retries: int
    start_period: float
    start_interval: float


@dataclass(frozen=True)
class Service:
    """One service as the local runtime runs it. `ports` are its ports on this machine, in either runtime."""

    name: str
    definition: str  # Its name in the compose files: the same for all replicas.
    replica: int  # The number of this replica, from 1.
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)  # Contains secrets.
    depends_on: Mapping[str, str]
    health: Health | None
    ports: tuple[int, ...]
    is_one_shot: bool
    is_unprivileged: bool
    stop_signal: str
    path: tuple[str, ...]
    profiles: tuple[str, ...]


def read_services(file: Path, variables: Mapping[str, str]) -> dict[str, Service]:
    """Read the services of `file` and its includes. A service with `scale: 2` becomes `worker` and `worker-2`.

    Raises OperatorError for syntax that the local runtime does not support.
    """
    services = {
        service.name: service
        for name, definition in definitions(file).items()
        for service in _replicas(name, definition, variables)
    }
    for service in services.values():
        if unknown := set(service.depends_on) - set(services):
            raise OperatorError(
                f"{service.name} depends on {', '.join(sorted(unknown))}, which no compose file defines."
            )
    return services


@cache
def definitions(file: Path) -> Mapping[str, Mapping[str, Any]]:
    """Return the services of `file` and its includes as they are written, by name. A process parses the files once."""
    return {
        name: definition
        for included in _parsed(file)["include"]
        for name, definition in _parsed(file.parent / included)["services"].items()
    }


def _parsed(file: Path) -> Any:
    # The parser in C takes a tenth of the time of the one in Python.
    return yaml.load(file.read_text(), Loader=yaml.CSafeLoader)


def _replicas(name: str, definition: Mapping[str, Any], variables: Mapping[str, str]) -> Iterator[Service]:
    """Yield the replicas of a service. Each uses the next port of its port range."""
    scale = interpolate(str(definition.get("scale", 1)), variables)
    if not scale.isdigit() or int(scale) < 1:
        raise OperatorError(f"The scale of {name} is {scale!r}. Set a whole number from 1.")
    for number in range(int(scale)):
        moved = {
            port: str(int(variables[port]) + number)
            for published in definition.get("ports", ())
            for port in _FIRST_OF_RANGE.findall(published)
            if port in variables
        }
        yield _service(name, number + 1, _filled(definition, {**variables, **moved}))


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    match value:
        case str():
            return interpolate(value, variables)
        case dict():
            return {key: _filled(inner, variables) for key, inner in value.items()}
        case list():
            return [_filled(inner, variables) for inner in value]
    return value


def _service(defined_as: str, replica: int, definition: Mapping[str, Any]) -> Service:
    name = defined_as if replica == 1 else f"{defined_as}-{replica}"
    local = definition.get("x-local", {})
    if unknown := (set(definition) - _READ - _CONTAINERS_ONLY) | (set(local) - _READ_LOCAL):
        raise OperatorError(
            f"The local runtime does not support {', '.join(sorted(unknown))} of the service {name}. Remove it, or add it to runtime/definition/compose.py."
        )
    dependencies = definition.get("depends_on", {})
    return Service(
        name=name,
        definition=defined_as,
        replica=replica,
        image=definition["image"].rpartition("/")[2].partition(":")[0],
        command=tuple(definition["command"]),
        environment={key: str(value) for key, value in definition.get("environment", {}).items()},
        depends_on={other: dependency["condition"] for other, dependency in dependencies.items()},
        health=_health(definition["healthcheck"]) if "healthcheck" in definition else None,
        ports=tuple(_published(name, port) for port in definition.get("ports", ())),
        is_one_shot=definition.get("restart") == "no",
        is_unprivileged=local.get("unprivileged", False),
        stop_signal=definition.get("stop_signal", "SIGTERM").removeprefix("SIG"),
        path=tuple(local.get("path", ())),
        profiles=tuple(definition.get("profiles", ())),
    )


def _published(name: str, port: str) -> int:
    """Return the local port of `ADDRESS:PORT:INNER` or `ADDRESS:FIRST-LAST:INNER`; FIRST belongs to this replica."""
    first, _, last = port.split(":")[1].partition("-")
    if last and int(first) > int(last):
        raise OperatorError(
            f"No port is left for {name}: its range ends at {last}. Widen the range, or start fewer replicas."
        )
    return int(first)


def _health(check: Mapping[str, Any]) -> Health:
    if check["test"][0] != "CMD":
        raise OperatorError("The local runtime reads health checks of the form [CMD, program, arguments] only.")
    return Health(
        test=tuple(check["test"][1:]),
        interval=seconds(check["interval"]),
        timeout=seconds(check["timeout"]),
        retries=int(check["retries"]),
        start_period=seconds(check["start_period"]),
        start_interval=seconds(check["start_interval"]),
    )


def seconds(duration: str) -> float:
    """Return a Compose duration (`1m30s`, `500ms`) in seconds."""
    match = _DURATION.fullmatch(duration)
    if not match or not duration:
        raise OperatorError(f"{duration!r} in the compose files is not a duration like 1m30s or 500ms.")
    minutes, whole, millis = (int(part or 0) for part in match.groups())
    return minutes * 60 + whole + millis / 1000


def with_dependencies(services: Mapping[str, Service], wanted: list[str]) -> list[str]:
    """Return the names of the wanted services (default: all) and their dependencies, each after its own dependencies."""
    ordered: dict[str, None] = {}

    def visit(name: str, chain: tuple[str, ...]) -> None:
        if name in chain:
            raise OperatorError(f"Services depend on each other in a circle: {' -> '.join((*chain, name))}.")
        if name not in services:
            raise OperatorError(f"There is no service {name!r}; there are: {', '.join(sorted(services))}.")
        for other in services[name].depends_on:
            visit(other, (*chain, name))
        ordered[name] = None

    for name in wanted or services:
        visit(name, ())
    return list(ordered)
