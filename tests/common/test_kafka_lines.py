"""Kafka logs JSON lines of our format. Kafka Connect uses the same configuration file."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cdc_connectors.java_services.java import LOG4J2


@pytest.fixture
def kafka_lines(tmp_path: Path) -> list[dict[str, Any]]:
    """Return the log lines of a broker that cannot start: several of level info, then an error with its cause."""
    assert os.environ.get("SPARK_JDBC_JAR"), "Set SPARK_JDBC_JAR (make test does): Kafka's jars are next to it."
    jars = Path(os.environ["SPARK_JDBC_JAR"]).resolve().parents[1] / "lib"
    properties = tmp_path / "server.properties"
    properties.write_text("process.roles=broker\n")
    command = ["java", "-Xmx64m", f"-Dlog4j2.configurationFile={LOG4J2}", "-cp", f"{jars}/*", "kafka.Kafka"]
    done = subprocess.run(
        [*command, str(properties)],
        env={**os.environ, "SERVICE_NAME": "kafka"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (1, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_kafka_lines_have_the_log_format(kafka_lines: list[dict[str, Any]]) -> None:
    for line in kafka_lines:
        assert list(line)[:4] == ["time", "level", "service", "message"]
        assert line["service"] == "kafka" and line["logger"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert {line["level"] for line in kafka_lines} == {"info", "error"}


def test_cause_of_an_error_is_a_field(kafka_lines: list[dict[str, Any]]) -> None:
    [line] = [line for line in kafka_lines if line["level"] == "error"]
    assert line["message"] == "Exiting Kafka due to fatal exception"
    assert 'Missing required configuration "node.id"' in line["error"] and "\n\tat " in line["error"]
    assert not [line for line in kafka_lines if line["level"] == "info" and "error" in line]
