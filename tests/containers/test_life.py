"""Containers that are killed, stopped or multiplied: everything is still there, and the pipeline right."""

import socket
import time

import requests
from conftest import NAME, STATE, containers, docker, runtime, succeed, tables

BACK_WITHIN = 180  # seconds until killed services are healthy again
KILLED = [
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


def wait_until_healthy():
    deadline = time.monotonic() + BACK_WITHIN
    while True:
        sick = {
            name: found["State"].get("Health", {}).get("Status")
            for name, found in containers().items()
            if found["State"].get("Health")
        }
        if set(sick.values()) == {"healthy"}:
            return
        assert time.monotonic() < deadline, sick
        time.sleep(1)


def kill(names):
    """Kill each container's first process from outside, which Docker takes for a crash, not for a wish to stop it."""
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


def test_one_container_of_each_kind_is_killed_and_comes_back_and_the_next_run_is_right(demo, ask):
    assert {name for name, found in containers().items() if found["State"]["Running"]} == set(KILLED)
    restarts = {name: containers()[name]["RestartCount"] for name in KILLED}
    kill(KILLED)
    wait_until_healthy()
    assert all(containers()[name]["RestartCount"] > restarts[name] for name in KILLED)
    succeed("docker", "pipeline")
    assert tables(ask) == demo.tables
    succeed("docker", "verify-replica")


def test_what_is_stopped_and_started_again_is_still_there(demo, ask):
    succeed("docker", "down")
    assert containers() == {}
    succeed("docker", "up")
    assert tables(ask) == demo.tables
    assert tables(ask, "replica") == demo.tables
    succeed("docker", "pipeline")
    assert tables(ask) == demo.tables


def test_workers_can_be_three_and_one_again(demo, settings):
    # Docker gives a container that starts again the next port of its range, and the second worker's own is taken then.
    docker("restart", "--time", "1", f"{NAME}-spark-worker-1")
    succeed("docker", "up", "spark", WORKERS="3")
    assert alive_workers(settings) == 3
    succeed("docker", "up", "spark")
    wait_until_healthy()
    assert "spark-worker-2" not in containers()


def alive_workers(settings):
    deadline = time.monotonic() + 60
    while True:
        told = requests.get(f"http://127.0.0.1:{settings['SPARK_UI_PORT']}/json/", timeout=10).json()
        if told["aliveworkers"] == 3 or time.monotonic() > deadline:
            return told["aliveworkers"]
        time.sleep(1)


def test_a_taken_port_is_named_and_nothing_is_changed(demo, settings):
    docker("rm", "-f", f"{NAME}-dashboard-1")
    before = set(containers())
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", int(settings["DASHBOARD_PORT"])))
        other.listen()
        done = runtime("docker", "up")
    assert done.returncode == 1 and f"Port {settings['DASHBOARD_PORT']}, which dashboard needs, is taken" in done.stderr
    assert set(containers()) == before
    succeed("docker", "up")


def test_containers_of_another_checkout_are_left_alone(demo):
    marker = STATE / "containers"
    name = marker.read_text()
    marker.unlink()
    try:
        done = runtime("docker", "up")
        assert done.returncode == 1 and f"named {NAME} exist that another checkout made" in done.stderr
    finally:
        marker.write_text(name)
