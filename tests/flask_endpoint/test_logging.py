"""Log lines are JSON, and what is secret never gets into one."""

import json
import logging

import pytest
import structlog

from flask_endpoint.logging import redact, set_up_logging


@pytest.fixture
def lines(capsys):
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_our_events_and_a_librarys_are_json_lines_of_one_shape(lines):
    set_up_logging()
    structlog.get_logger("ours").warning("listener_failed", listener_id="ana")
    logging.getLogger("theirs").info("served %s", "/healthz")
    ours, theirs = lines()
    assert (ours["event"], ours["listener_id"], ours["level"], ours["logger"]) == (
        "listener_failed",
        "ana",
        "warning",
        "ours",
    )
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("served /healthz", "info", "theirs")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer s3cret",
        "Authorization: Basic s3cret",
        "GET /callback?code=s3cret&state=s3cret",
        "{'refresh_token': 's3cret', 'scope': 'x'}",
        "access_token=s3cret",
        "postgresql://endpoint:s3cret@127.0.0.1/source",
    ],
)
def test_a_secret_in_a_text_is_blotted_out(text):
    assert "s3cret" not in redact(None, "", {"event": text})["event"]


@pytest.mark.parametrize(
    "name", ["access_token", "client_secret", "Authorization", "ENDPOINT_PASSWORD", "code", "operator_key"]
)
def test_a_secret_under_its_name_is_blotted_out_however_deep(name):
    assert "s3cret" not in str(redact(None, "", {"event": "x", "held": {name: "s3cret"}}))


def test_plain_words_stay():
    assert (
        redact(None, "", {"event": "exit code: 2 for http://127.0.0.1:8090/v1/"})["event"]
        == "exit code: 2 for http://127.0.0.1:8090/v1/"
    )


def test_the_traceback_of_an_error_is_in_the_line_without_its_secret(lines):
    set_up_logging()
    try:
        raise ValueError("refresh_token=s3cret")
    except ValueError:
        logging.getLogger("theirs").exception("failed")
    (line,) = lines()
    assert "ValueError" in line["exception"]
    assert "s3cret" not in line["exception"]
