"""Both runtimes read the compose files in the same way: the tests compare our parser with Docker's."""

import json
import os
import subprocess
from typing import Any

import pytest

from runtime.definition import stack
from runtime.definition.compose import Service, seconds
from tests.containers.conftest import NAME, PROJECT

WORKERS = "1"  # Our parser lists each replica; Docker lists one service with a scale.

Definitions = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def our_services() -> dict[str, Service]:
    """Return the services as our parser reads them."""
    return stack.test_stack().services()


@pytest.fixture(scope="module")
def docker_services() -> Definitions:
    """Return the services as Docker reads them with the variables of the local runtime."""
    variables = stack.test_stack().variables() | {"COMPOSE_PROFILES": "simulated", "WORKERS": WORKERS}
    done = subprocess.run(
        ["docker", "compose", "-f", str(stack.COMPOSE), "-p", NAME, "config", "--format", "json"],
        env=os.environ | variables,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    services: Definitions = json.loads(done.stdout)["services"]
    return services


def test_services_are_equal(our_services: dict[str, Service], docker_services: Definitions) -> None:
    assert set(our_services) == set(docker_services)


def test_commands_and_environments_are_equal(our_services: dict[str, Service], docker_services: Definitions) -> None:
    for name, service in our_services.items():
        assert list(service.command) == docker_services[name]["command"], name
        assert dict(service.environment) == {
            key: value or "" for key, value in docker_services[name].get("environment", {}).items()
        }, name


def test_dependencies_and_health_checks_are_equal(
    our_services: dict[str, Service], docker_services: Definitions
) -> None:
    for name, service in our_services.items():
        dependencies = {
            other: dependency["condition"] for other, dependency in docker_services[name].get("depends_on", {}).items()
        }
        assert dict(service.depends_on) == dependencies, name
        check = docker_services[name].get("healthcheck")
        assert (service.health is None) == (check is None), name
        if service.health and check:
            times = [seconds(_short(check[part])) for part in ("interval", "timeout", "start_period", "start_interval")]
            assert ["CMD", *service.health.test] == check["test"], name
            assert times == [
                service.health.interval,
                service.health.timeout,
                service.health.start_period,
                service.health.start_interval,
            ], name


def test_ports_are_equal_and_bound_to_loopback(our_services: dict[str, Service], docker_services: Definitions) -> None:
    for name, service in our_services.items():
        ports = docker_services[name].get("ports", [])
        assert list(service.ports) == [int(port["published"].partition("-")[0]) for port in ports], name
        assert {port["host_ip"] for port in ports} <= {"127.0.0.1"}, name


def test_every_container_has_limited_rights_and_resources(docker_services: Definitions) -> None:
    for name, service in docker_services.items():
        assert service["cap_drop"] == ["ALL"] and service["init"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]) > 0 and service["pids_limit"] > 0, name
        assert service["restart"] in ("always", "no"), name
        assert not service["image"].endswith(":latest") and ":" in service["image"], name
    writable = {name for name, service in docker_services.items() if not service.get("read_only")}
    assert writable == {"spark-master", "spark-worker", "spotify"}
    batch = {name for name, service in docker_services.items() if service.get("cpu_shares")}
    assert batch == {"airflow-scheduler", "flask-worker", "spark-worker"}


def _short(duration: str) -> str:
    """Shorten Docker's `1m0s` to `1m`, as in the compose files."""
    return duration.replace("m0s", "m") if duration.endswith("m0s") else duration
