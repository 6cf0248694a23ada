"""What the running stack accepts from clients on this machine."""

import itertools
import os
import re
import socket
import struct
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest
import requests

from tests.running_stack import LOCAL, PROJECT, STATE

REFUSAL = "Failed to connect to master"  # what the driver logs
LAST_UI_PORT = "SPARK_WORKER_UI_LAST_PORT"
DESCRIBE_CLUSTER, SASL_HANDSHAKE, SASL_AUTHENTICATE = (60, 0), (17, 1), (36, 0)  # Kafka's requests and their versions
AUTHENTICATION_FAILED = 58  # Kafka's error code
CONNECT_REQUESTS = [
    ("GET", "/connectors", None),
    ("GET", "/connectors/main-source/config", None),
    ("GET", "/admin/loggers", None),
    ("PUT", "/connectors/main-source/stop", None),
    ("PUT", "/connector-plugins/JdbcSinkConnector/config/validate", {"connector.class": "JdbcSinkConnector"}),
    ("POST", "/connectors/main-source/restart", None),
    ("DELETE", "/connectors/replica-sink", None),
]
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


def test_files_of_the_stack_are_readable_by_their_owner_only(settings: dict[str, str]) -> None:
    # Others may not read, list or write. Spark sets the execute bit of the jars that it copies.
    find = ["find", str(STATE), "-ignore_readdir_race", "-mindepth", "1", "-perm", "/066", "-not", "-type", "l"]
    assert subprocess.run(find, capture_output=True, text=True, timeout=60, check=True).stdout == ""


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


def connected(settings: dict[str, str], port: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(settings[port])), timeout=30)


def ask_kafka(client: socket.socket, request: tuple[int, int], body: bytes) -> bytes:
    """Send a request in Kafka's protocol and return the answer; b"" if Kafka closes the connection."""
    message = struct.pack(">hhih", *request, 1, -1) + body  # key, version, correlation id, no client id
    client.sendall(struct.pack(">i", len(message)) + message)
    answer = client.makefile("rb")
    size = answer.read(4)
    return answer.read(*struct.unpack(">i", size)) if size else b""


@pytest.mark.parametrize("port", ["KAFKA_PORT", "KAFKA_CONTROLLER_PORT"])
def test_kafka_answers_no_client_that_has_not_logged_in(settings: dict[str, str], port: str) -> None:
    with connected(settings, port) as client:
        assert ask_kafka(client, DESCRIBE_CLUSTER, bytes(3)) == b""


@pytest.mark.parametrize("port", ["KAFKA_PORT", "KAFKA_CONTROLLER_PORT"])
@pytest.mark.parametrize("is_known", [True, False], ids=["password", "wrong password"])
def test_kafka_asks_for_its_password(settings: dict[str, str], port: str, is_known: bool) -> None:
    login = f"\0cdc\0{settings['KAFKA_PASSWORD'] if is_known else 'guessed'}".encode()
    with connected(settings, port) as client:
        ask_kafka(client, SASL_HANDSHAKE, struct.pack(">h", 5) + b"PLAIN")
        answer = ask_kafka(client, SASL_AUTHENTICATE, struct.pack(">i", len(login)) + login)
        assert struct.unpack(">h", answer[4:6])[0] == (0 if is_known else AUTHENTICATION_FAILED)
        assert bool(is_known and ask_kafka(client, DESCRIBE_CLUSTER, bytes(3))) == is_known


@pytest.mark.parametrize(("method", "path", "body"), CONNECT_REQUESTS)
@pytest.mark.parametrize("login", [None, ("cdc", "guessed")], ids=["no password", "wrong password"])
def test_connect_refuses_request_without_its_password(
    settings: dict[str, str], method: str, path: str, body: dict[str, str] | None, login: tuple[str, str] | None
) -> None:
    url = f"http://127.0.0.1:{settings['CONNECT_PORT']}{path}"
    assert requests.request(method, url, json=body, auth=login, timeout=30).status_code == 401


def test_connect_takes_its_workers_requests_only_with_a_signature(settings: dict[str, str]) -> None:
    """Workers send these to each other without the password."""
    url = f"http://127.0.0.1:{settings['CONNECT_PORT']}/connectors/main-source"
    answers = [requests.post(f"{url}/tasks", json=[], timeout=30), requests.put(f"{url}/fence", timeout=30)]
    assert [(answer.status_code, "signature" in answer.text) for answer in answers] == [(400, True)] * 2


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {
            "config.providers": "env",
            "config.providers.env.class": "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
        },
    ],
    ids=["as it is", "with a config provider"],
)
def test_connect_resolves_no_secret_even_for_its_operator(settings: dict[str, str], extra: dict[str, str]) -> None:
    connector = "io.debezium.connector.jdbc.JdbcSinkConnector"
    config = {"connector.class": connector, "topics": "${env:SINK_PASSWORD}", "connection.url": "${env:SINK_PASSWORD}"}
    url = f"http://127.0.0.1:{settings['CONNECT_PORT']}/connector-plugins/{connector}/config/validate"
    answer = requests.put(url, json=config | extra, auth=("cdc", settings["CONNECT_PASSWORD"]), timeout=60)
    assert answer.text and settings["REPLICA_SINK_PASSWORD"] not in answer.text


def test_connector_cannot_use_another_kafka(settings: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{settings['CONNECT_PORT']}/connectors/replica-sink/config"
    login = ("cdc", settings["CONNECT_PASSWORD"])
    config = requests.get(url, auth=login, timeout=30).json()
    assert not [key for key in config if "password" in key]
    changed = config | {"consumer.override.bootstrap.servers": "127.0.0.1:1"}
    refused = requests.put(url, json=changed, auth=login, timeout=30)
    assert refused.status_code == 400
    assert "does not allow 'bootstrap.servers' to be overridden" in refused.text
