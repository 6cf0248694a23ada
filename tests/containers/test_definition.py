"""The two runtimes read one definition alike: Docker's own reading of the compose files is held against ours."""

import json
import os
import subprocess

import pytest
from conftest import NAME, PROJECT

from runtime import stack
from runtime.compose import seconds

WORKERS = "1"  # Replicas are ours to count: Docker's reading has one service of a scale.


@pytest.fixture(scope="module")
def ours():
    return stack.test_stack().services()


@pytest.fixture(scope="module")
def dockers():
    """The services as Docker reads them with the variables of the local runtime."""
    variables = stack.test_stack().variables() | {"COMPOSE_PROFILES": "simulated", "WORKERS": WORKERS}
    told = subprocess.run(
        ["docker", "compose", "-f", str(stack.COMPOSE), "-p", NAME, "config", "--format", "json"],
        env=os.environ | variables,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)["services"]


def test_both_have_the_same_services(ours, dockers):
    assert set(ours) == set(dockers)


def test_commands_and_settings_are_the_same(ours, dockers):
    for name, service in ours.items():
        assert list(service.command) == dockers[name]["command"], name
        assert dict(service.environment) == {
            key: value or "" for key, value in dockers[name].get("environment", {}).items()
        }, name


def test_order_and_health_are_the_same(ours, dockers):
    for name, service in ours.items():
        needs = {other: wish["condition"] for other, wish in dockers[name].get("depends_on", {}).items()}
        assert dict(service.depends_on) == needs, name
        check = dockers[name].get("healthcheck")
        assert (service.health is None) == (check is None), name
        if check:
            times = [seconds(_short(check[part])) for part in ("interval", "timeout", "start_period", "start_interval")]
            assert ["CMD", *service.health.test] == check["test"], name
            assert times == [
                service.health.interval,
                service.health.timeout,
                service.health.start_period,
                service.health.start_interval,
            ], name


def test_ports_are_the_same_and_on_loopback(ours, dockers):
    for name, service in ours.items():
        ports = dockers[name].get("ports", [])
        assert list(service.ports) == [int(port["published"].partition("-")[0]) for port in ports], name
        assert {port["host_ip"] for port in ports} <= {"127.0.0.1"}, name


def test_every_container_is_held_in(dockers):
    for name, service in dockers.items():
        assert service["cap_drop"] == ["ALL"] and service["init"] is True, name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]) > 0 and service["pids_limit"] > 0, name
        assert service["restart"] in ("always", "no"), name
        assert not service["image"].endswith(":latest") and ":" in service["image"], name


def _short(duration: str) -> str:
    """Docker's `1m0s` as the compose files write it."""
    return duration.replace("m0s", "m") if duration.endswith("m0s") else duration
