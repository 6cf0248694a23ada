"""Every container writes one JSON object per line, with the same fields."""

import json
import re
import subprocess
from typing import Any

from common.log_format import FIELDS, LEVELS
from tests.containers.conftest import DemoResult, containers, succeed

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def lines(container: dict[str, Any]) -> list[str]:
    done = subprocess.run(["docker", "logs", str(container["Id"])], capture_output=True, timeout=60)
    return (done.stdout + done.stderr).decode().splitlines()


def is_valid(line: str, service: str) -> bool:
    try:
        event = json.loads(line)
    except ValueError:
        return False
    return (
        list(event)[: len(FIELDS)] == list(FIELDS)
        and bool(TIME.fullmatch(event["time"]))
        and event["level"] in LEVELS
        and event["service"] == service
        and isinstance(event["message"], str)
    )


def test_all_log_lines_have_common_fields(demo: DemoResult) -> None:
    invalid = {
        name: [line for line in lines(container) if not is_valid(line, name)]
        for name, container in containers().items()
    }
    assert {name: found[:3] for name, found in invalid.items() if found} == {}


def test_logs_contain_no_secrets(demo: DemoResult, settings: dict[str, str]) -> None:
    secrets = {
        value for name, value in settings.items() if name.endswith(("PASSWORD", "KEY", "SECRET")) and len(value) > 20
    }
    assert len(secrets) > 8
    for name, container in containers().items():
        text = "\n".join(lines(container))
        assert not [secret[:4] for secret in secrets if secret in text], name


def test_logs_command_prints_readable_lines(demo: DemoResult) -> None:
    shown = succeed("docker", "logs", "--service", "flask")
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} info ", shown, re.MULTILINE) and '"message"' not in shown
