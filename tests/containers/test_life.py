"""Data survives when containers are killed, stopped or scaled, and the next pipeline run is correct."""

import socket
import time
from collections.abc import Iterable

import requests

from common.exit_codes import ExitCode
from tests.containers.conftest import NAME, STATE, Ask, DemoResult, containers, docker, runtime, succeed, tables

RESTART_TIMEOUT = 420  # seconds until killed services are healthy again: 60 on an idle machine; the limit ends a hang
RUNNING_SERVICES = [
    "source",
    "main",
    "replica",
    "airflow-db",
    "kafka",
    "connect",
    "cdc-watchdog",
    "spark-master",
    "spark-worker",
    "flask",
    "flask-worker",
    "airflow-api",
    "airflow-scheduler",
    "airflow-dag-processor",
    "airflow-triggerer",
    "dashboard",
    "spotify",
]


def wait_until_healthy() -> None:
    deadline = time.monotonic() + RESTART_TIMEOUT
    while True:
        statuses = {
            name: found["State"]["Health"]["Status"]
            for name, found in containers().items()
            if found["State"].get("Health")
        }
        not_healthy = {name: status for name, status in statuses.items() if status != "healthy"}
        if statuses and not not_healthy:
            return
        assert time.monotonic() < deadline, not_healthy
        time.sleep(1)


def kill(names: Iterable[str]) -> None:
    """Kill each container's first process from the host, so that Docker treats it as a crash and restarts the container."""
    pids = [str(containers()[name]["State"]["Pid"]) for name in names]
    docker(
        "run",
        "--rm",
        "--pid=host",
        "--user=0",
        "--entrypoint=bash",
        "listening/ops:dev",
        "-c",
        f"kill -9 {' '.join(pids)}",
    )


def test_killed_containers_restart_and_next_run_is_correct(demo: DemoResult, ask: Ask) -> None:
    assert {name for name, found in containers().items() if found["State"]["Running"]} == set(RUNNING_SERVICES)
    restarts = {name: containers()[name]["RestartCount"] for name in RUNNING_SERVICES}
    kill(RUNNING_SERVICES)
    wait_until_healthy()
    assert all(containers()[name]["RestartCount"] > restarts[name] for name in RUNNING_SERVICES)
    succeed("docker", "pipeline")
    assert tables(ask) == demo.tables
    succeed("docker", "verify-replica")


def test_files_of_the_containers_are_readable_by_their_owner_only(demo: DemoResult) -> None:
    find = [
        "find",
        "/var/lib/listening",
        "-ignore_readdir_race",
        "-mindepth",
        "2",
        "-perm",
        "/066",
        "-not",
        "-type",
        "l",
    ]
    for name in RUNNING_SERVICES:
        assert docker("exec", str(containers()[name]["Id"]), *find) == "", name


def test_data_survives_down_and_up(demo: DemoResult, ask: Ask) -> None:
    succeed("docker", "down")
    assert containers() == {}
    succeed("docker", "up")
    assert tables(ask) == demo.tables
    assert tables(ask, "replica") == demo.tables
    succeed("docker", "pipeline")
    assert tables(ask) == demo.tables


def test_worker_count_grows_to_three_and_returns_to_one(demo: DemoResult, settings: dict[str, str]) -> None:
    # A restarted container gets the next port of the range, so the port of the second worker is then in use.
    docker("restart", "--time", "1", f"{NAME}-spark-worker-1")
    succeed("docker", "up", "spark", WORKERS="3")
    assert alive_workers(settings) == 3
    succeed("docker", "up", "spark")
    wait_until_healthy()
    assert "spark-worker-2" not in containers()


def alive_workers(settings: dict[str, str]) -> int:
    deadline = time.monotonic() + 60
    while True:
        state = requests.get(f"http://127.0.0.1:{settings['SPARK_UI_PORT']}/json/", timeout=10).json()
        if state["aliveworkers"] == 3 or time.monotonic() > deadline:
            return int(state["aliveworkers"])
        time.sleep(1)


def test_up_names_port_in_use_and_changes_nothing(demo: DemoResult, settings: dict[str, str]) -> None:
    docker("rm", "-f", f"{NAME}-dashboard-1")
    before = set(containers())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(settings["DASHBOARD_PORT"])))
        other.listen()
        done = runtime("docker", "up")
    assert done.returncode == ExitCode.COULD_NOT_RUN
    assert f"Port {settings['DASHBOARD_PORT']}, which dashboard needs, is in use" in done.stderr
    assert set(containers()) == before
    succeed("docker", "up")


def test_up_does_not_touch_containers_of_another_checkout(demo: DemoResult) -> None:
    marker = STATE / "containers"
    name = marker.read_text()
    marker.unlink()
    try:
        done = runtime("docker", "up")
        assert done.returncode == ExitCode.COULD_NOT_RUN
        assert f"Another checkout has containers or volumes named {NAME}" in done.stderr
    finally:
        marker.write_text(name)
