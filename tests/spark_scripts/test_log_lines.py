"""Spark's JVM and the load's Python code log JSON lines in the common format."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.exit_codes import ExitCode
from common.log_format import FIELDS, LEVELS

ROOT = Path(__file__).parents[2]
MESSAGES = ['two\nlines and a "word"', "\\ \t \u0001", "caf\u00e9 \U0001f3b5", "", "{}", "%level ${env:PATH}"]
# Logs each message at every level, as Spark's classes do, and then an error with its cause.
SCRIPT = """
import json, sys
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
log4j = spark._jvm.org.apache.logging.log4j
log4j.core.config.Configurator.setLevel("test.logger", log4j.Level.ALL)
logger = log4j.LogManager.getLogger("test.logger")
for message in json.loads(sys.argv[1]):
    for level in ("trace", "debug", "info", "warn", "error", "fatal"):
        getattr(logger, level)(message)
logger.error("failed", spark._jvm.java.lang.IllegalStateException("why"))
"""


@pytest.fixture(scope="module")
def spark_lines() -> list[dict[str, Any]]:
    """Return the log lines of a driver that is configured by SPARK_CONF_DIR."""
    environment = {
        **os.environ,
        "SERVICE_NAME": "spark-driver",
        "SPARK_CONF_DIR": str(ROOT / "common/log4j2"),
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(MESSAGES)],
        env=environment,
        capture_output=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"INFO" not in done.stderr and b"WARN " not in done.stderr
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_every_line_has_the_common_fields(spark_lines: list[dict[str, Any]]) -> None:
    assert len(spark_lines) > len(MESSAGES)
    for line in spark_lines:
        assert tuple(line)[:4] == FIELDS
        assert line["service"] == "spark-driver" and line["level"] in LEVELS
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])


def test_any_message_at_any_level_is_one_line(spark_lines: list[dict[str, Any]]) -> None:
    ours = [line for line in spark_lines if line["logger"] == "test.logger" and "error" not in line]
    levels = ["debug", "debug", "info", "warning", "error", "critical"]
    assert [(line["level"], line["message"]) for line in ours] == [
        (level, message) for message in MESSAGES for level in levels
    ]


def test_error_cause_is_a_field(spark_lines: list[dict[str, Any]]) -> None:
    [line] = [line for line in spark_lines if line["logger"] == "test.logger" and "error" in line]
    assert line["message"] == "failed"
    assert line["error"].startswith("java.lang.IllegalStateException: why\n\tat ")


def test_missing_setting_is_logged_as_a_line() -> None:
    command = [sys.executable, "spark_scripts/etl.py", "--load-id", "1"]
    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, timeout=120, check=False)
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (ExitCode.COULD_NOT_RUN, "")
    assert (line["level"], line["service"], line["logger"]) == ("critical", "spark-driver", "etl")
    assert "SPARK_JDBC_JAR" in line["message"]
