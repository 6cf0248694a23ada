"""What a Python service logs is JSON lines of the one shape, whoever logs it and whatever it says."""

import contextlib
import io
import json
import logging
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from common.json_lines import set_up_logging
from common.log_format import FIELDS, LEVELS

ROOT = Path(__file__).parents[2]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(autouse=True)
def logging_as_before():
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    hooks = sys.excepthook, warnings.showwarning
    yield
    sys.excepthook, warnings.showwarning = hooks
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines_of(say, *more, service="ours"):
    """The lines that `say` logs, each read as JSON."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        set_up_logging(service, *more)
        say()
    text = out.getvalue()
    assert text.endswith("\n") or not text
    assert text.split("\n")[:-1] == text.splitlines()
    return [json.loads(line) for line in text.splitlines()]


def test_our_events_and_a_librarys_have_one_shape(monkeypatch):
    monkeypatch.setenv("SERVICE_NAME", "flask")

    def say():
        structlog.get_logger("ours").warning("poll_failed", listener_id="ana")
        logging.getLogger("theirs").info("served %s", "/healthz")

    ours, theirs = lines_of(say)
    assert tuple(ours)[:4] == tuple(theirs)[:4] == FIELDS
    assert TIME.fullmatch(ours.pop("time")) and TIME.fullmatch(theirs.pop("time"))
    shared = {"level": "warning", "service": "flask", "message": "poll_failed"}
    assert ours == {**shared, "logger": "ours", "listener_id": "ana"}
    assert theirs == {"level": "info", "service": "flask", "message": "served /healthz", "logger": "theirs"}


def test_without_the_setting_a_service_has_its_own_name(monkeypatch):
    monkeypatch.setenv("SERVICE_NAME", "")
    [line] = lines_of(lambda: logging.getLogger().info("x"), service="cdc-watchdog")
    assert line["service"] == "cdc-watchdog"


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_one_word_for_both(level):
    def say():
        logging.getLogger().setLevel(logging.DEBUG)
        getattr(logging.getLogger("theirs"), level)("x")
        getattr(structlog.get_logger("ours"), level)("x")

    assert [line["level"] for line in lines_of(say)] == [level, level]


def test_a_level_of_no_name_is_an_information():
    [line] = lines_of(lambda: logging.getLogger().log(25, "x"))
    assert line["level"] == "info"


@given(
    message=st.text(),
    fields=st.dictionaries(st.text(min_size=1), st.text() | st.floats() | st.binary() | st.none(), max_size=3),
)
def test_any_event_is_one_line_of_json(message, fields):
    fields = {name: value for name, value in fields.items() if name not in ("event", "exc_info", "stack_info")}
    [line] = lines_of(lambda: structlog.get_logger("ours").info(message, **fields))
    assert line["message"] == message.encode("utf-8", "replace").decode()
    assert tuple(line)[:4] == FIELDS
    assert line["service"] == "ours" and TIME.fullmatch(line["time"])


@given(st.text(), st.integers(0, 3))
def test_any_traceback_is_one_line_of_json(reason, depth):
    def fail(depth):
        if depth == 0:
            raise ValueError(reason)
        fail(depth - 1)

    def say():
        try:
            fail(depth)
        except ValueError:
            logging.getLogger("theirs").exception("failed")

    [line] = lines_of(say)
    assert (line["level"], line["message"]) == ("error", "failed")
    assert line["error"].startswith("Traceback") and line["error"].count("in fail") == depth + 1


def test_a_value_that_json_has_no_word_for_is_written_as_text():
    held: dict = {}
    held["itself"] = held
    [line] = lines_of(lambda: structlog.get_logger("ours").info("x", held=held, path=Path("a"), none=None))
    assert (line["held"], line["path"], line["message"]) == ("{'itself': {...}}", "a", "x")


def test_an_events_own_error_stays_before_the_traceback():
    def say():
        try:
            raise ValueError("why")
        except ValueError:
            structlog.get_logger("ours").exception("x", error="what")

    [line] = lines_of(say)
    assert line["error"].startswith("what\nTraceback") and line["error"].endswith("ValueError: why")


def test_more_processors_see_the_event_before_it_is_written():
    def without_secret(_logger, _method, event):
        return event | {"token": "[redacted]"}

    [line] = lines_of(lambda: structlog.get_logger("ours").info("x", token="s3cret"), without_secret)
    assert line["token"] == "[redacted]"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("raise ValueError('why')", "ValueError: why"),
        (
            "import threading as t; w = t.Thread(target=lambda: 1 / 0); w.start(); w.join()",
            "ZeroDivisionError: division by zero",
        ),
    ],
)
def test_what_nobody_catches_is_logged_as_well(program, message):
    text = f"from common.json_lines import set_up_logging; set_up_logging('ours'); {program}"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=60)
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["level"], line["message"], done.stderr) == ("critical", message, "")
    assert line["error"].startswith("Traceback")


def test_a_warning_of_pythons_is_logged_as_well():
    text = "import warnings; from common.json_lines import set_up_logging; set_up_logging('ours'); warnings.warn('old')"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=60)
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["level"], line["logger"], done.stderr) == ("warning", "py.warnings", "")
    assert "old" in line["message"]
