"""What the containers write is one JSON object a line, of one shape, whatever runs in them."""

import json
import re
import subprocess

from conftest import containers, succeed

from common.log_format import FIELDS, LEVELS

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def lines(container):
    done = subprocess.run(["docker", "logs", str(container["Id"])], capture_output=True, timeout=60)
    return (done.stdout + done.stderr).decode().splitlines()


def is_of_the_shape(line, service):
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


def test_every_line_of_every_service_has_the_shape(demo):
    others = {
        name: [line for line in lines(container) if not is_of_the_shape(line, name)]
        for name, container in containers().items()
    }
    assert {name: found[:3] for name, found in others.items() if found} == {}


def test_no_secret_is_in_a_log(demo, settings):
    secrets = {
        value for name, value in settings.items() if name.endswith(("PASSWORD", "KEY", "SECRET")) and len(value) > 20
    }
    assert len(secrets) > 8
    for name, container in containers().items():
        text = "\n".join(lines(container))
        assert not [secret[:4] for secret in secrets if secret in text], name


def test_people_read_words(demo):
    shown = succeed("docker", "logs", "--service", "flask")
    assert re.search(r"^\d\d:\d\d:\d\d\.\d{3} info ", shown, re.MULTILINE) and '"message"' not in shown
