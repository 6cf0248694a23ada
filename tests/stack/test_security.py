"""What the running stack accepts from clients on this machine."""

import itertools
import os
import re
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
import requests
from conftest import LOCAL, PROJECT, STATE

REFUSAL = "Failed to connect to master"  # what the driver logs
LAST_UI_PORT = "SPARK_WORKER_UI_LAST_PORT"
INTRUDER = """
from pyspark.sql import SparkSession
SparkSession.builder.appName("intruder").getOrCreate().range(3).count()
"""


def stack_processes() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        try:
            if process.environ().get("LISTENING_STATE") == str(STATE):
                yield process
        except psutil.Error:
            continue


def listening_sockets() -> set[tuple[str, int, str]]:
    """Return address, port and command line of every socket on which the stack listens."""
    found = set()
    for process in stack_processes():
        try:
            command = " ".join(process.cmdline())
            for socket in process.net_connections(kind="tcp"):
                if socket.status == psutil.CONN_LISTEN:
                    found.add((socket.laddr.ip, socket.laddr.port, command))
        except psutil.Error:
            continue
    return found


def documented_ports(settings: dict[str, str]) -> set[int]:
    names = re.findall(r"`([A-Z_]+_PORT)`", (PROJECT / "docs" / "security.md").read_text())
    workers = range(int(settings["SPARK_WORKER_UI_PORT"]), int(settings[LAST_UI_PORT]) + 1)
    return {int(settings[name]) for name in names} | set(workers)


def test_stack_listens_only_on_documented_ports_of_loopback(settings: dict[str, str]) -> None:
    sockets = listening_sockets()
    addresses = {address for address, _, _ in sockets}
    assert addresses <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}, sockets
    known = documented_ports(settings)
    unknown = {(port, command) for _, port, command in sockets if port not in known}
    assert all("deploy.worker.Worker" in command for _, command in unknown), unknown
    assert {port for _, port, _ in sockets} >= {
        int(settings[name]) for name in ("FLASK_PORT", "MAIN_PORT", "SPARK_PORT")
    }


@pytest.mark.parametrize("secret", [None, "guessed"])
def test_spark_master_refuses_driver_without_the_secret(
    settings: dict[str, str], tmp_path: Path, secret: str | None
) -> None:
    script = tmp_path / "intruder.py"
    script.write_text(INTRUDER)
    options = ["--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.ui.enabled=false"]
    if secret:
        options += ["--conf", "spark.authenticate=true", "--conf", f"spark.authenticate.secret={secret}"]
    master = f"spark://127.0.0.1:{settings['SPARK_PORT']}"
    command = [str(LOCAL / "env/spark/bin/spark-submit"), "--master", master, *options, str(script)]
    environment = {name: value for name, value in os.environ.items() if name in ("HOME", "JAVA_HOME")}
    environment["PATH"] = f"{LOCAL}/env/spark/bin:{os.environ['PATH']}"  # spark-submit finds Spark with that Python.
    driver = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path
    )
    try:
        assert driver.stdout is not None
        # Spark tries three times, 20 seconds apart. The first refusal is enough.
        output = list(itertools.takewhile(lambda line: REFUSAL not in line, driver.stdout))
        assert driver.poll() is None, "".join(output)
    finally:
        driver.kill()
        driver.wait()
    page = requests.get(f"http://127.0.0.1:{settings['SPARK_UI_PORT']}/json/", timeout=10).json()
    assert "intruder" not in {app["name"] for app in page["activeapps"] + page["completedapps"]}


@pytest.mark.parametrize("path", ["/app/kill/", "/driver/kill/", "/workers/kill/"])
def test_spark_master_rejects_kill_requests(settings: dict[str, str], path: str) -> None:
    url = f"http://127.0.0.1:{settings['SPARK_UI_PORT']}"
    answer = requests.post(url + path, data={"id": "1", "terminate": "true", "host": "127.0.0.1"}, timeout=10)
    assert answer.status_code in (404, 405)
    assert requests.get(url + "/json/", timeout=10).json()["aliveworkers"] == 1


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("GET", {}, 200),
        ("GET", {"Host": "attacker.example"}, 421),
        ("GET", {"X-Forwarded-For": "192.168.1.5"}, 403),
        ("TRACE", {}, 405),
        ("GET", {"RSC": "1", "Next-Router-State-Tree": "{"}, 200),
    ],
)
def test_dashboard_response_status(settings: dict[str, str], method: str, headers: dict[str, str], status: int) -> None:
    connection = HTTPConnection("127.0.0.1", int(settings["DASHBOARD_PORT"]), timeout=30)
    connection.request(method, "/", headers=headers)
    assert connection.getresponse().status == status
    connection.close()
