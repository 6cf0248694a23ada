"""Python services log JSON lines of one format, whichever library logs and whatever the content."""

import contextlib
import io
import json
import logging
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.typing import EventDict, Processor, WrappedLogger

from common.json_lines import set_up_logging
from common.log_format import FIELDS, LEVELS

ROOT = Path(__file__).parents[2]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture(autouse=True)
def restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    hooks = sys.excepthook, warnings.showwarning
    yield
    sys.excepthook, warnings.showwarning = hooks
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines_of(log_events: Callable[[], object], *more: Processor, service: str = "ours") -> list[dict[str, Any]]:
    """Return the lines that `log_events` writes, decoded from JSON."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        set_up_logging(service, *more)
        log_events()
    text = out.getvalue()
    assert text.endswith("\n") or not text
    assert text.split("\n")[:-1] == text.splitlines()
    return [json.loads(line) for line in text.splitlines()]


def test_structlog_and_logging_events_have_the_same_format(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_NAME", "flask")

    def log_events() -> None:
        structlog.get_logger("ours").warning("poll_failed", listener_id="ana")
        logging.getLogger("theirs").info("served %s", "/healthz")

    ours, theirs = lines_of(log_events)
    assert tuple(ours)[:4] == tuple(theirs)[:4] == FIELDS
    assert TIME.fullmatch(ours.pop("time")) and TIME.fullmatch(theirs.pop("time"))
    shared = {"level": "warning", "service": "flask", "message": "poll_failed"}
    assert ours == {**shared, "logger": "ours", "listener_id": "ana"}
    assert theirs == {"level": "info", "service": "flask", "message": "served /healthz", "logger": "theirs"}


def test_default_service_name_applies_without_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_NAME", "")
    [line] = lines_of(lambda: logging.getLogger().info("x"), service="cdc-watchdog")
    assert line["service"] == "cdc-watchdog"


@pytest.mark.parametrize("level", LEVELS)
def test_level_names_are_the_same_for_structlog_and_logging(level: str) -> None:
    def log_events() -> None:
        logging.getLogger().setLevel(logging.DEBUG)
        getattr(logging.getLogger("theirs"), level)("x")
        getattr(structlog.get_logger("ours"), level)("x")

    assert [line["level"] for line in lines_of(log_events)] == [level, level]


def test_unnamed_level_is_logged_as_info() -> None:
    [line] = lines_of(lambda: logging.getLogger().log(25, "x"))
    assert line["level"] == "info"


@given(
    message=st.text(),
    fields=st.dictionaries(st.text(min_size=1), st.text() | st.floats() | st.binary() | st.none(), max_size=3),
)
def test_any_event_is_one_json_line(message: str, fields: dict[str, Any]) -> None:
    fields = {name: value for name, value in fields.items() if name not in ("event", "exc_info", "stack_info")}
    [line] = lines_of(lambda: structlog.get_logger("ours").info(message, **fields))
    assert line["message"] == message.encode("utf-8", "replace").decode()
    assert tuple(line)[:4] == FIELDS
    assert line["service"] == "ours" and TIME.fullmatch(line["time"])


@given(st.text(), st.integers(0, 3))
def test_any_traceback_is_one_json_line(reason: str, depth: int) -> None:
    def fail(depth: int) -> None:
        if depth == 0:
            raise ValueError(reason)
        fail(depth - 1)

    def log_events() -> None:
        try:
            fail(depth)
        except ValueError:
            logging.getLogger("theirs").exception("failed")

    [line] = lines_of(log_events)
    assert (line["level"], line["message"]) == ("error", "failed")
    assert line["error"].startswith("Traceback") and line["error"].count("in fail") == depth + 1


def test_value_without_json_form_is_written_as_text() -> None:
    recursive: dict[str, object] = {}
    recursive["itself"] = recursive
    [line] = lines_of(lambda: structlog.get_logger("ours").info("x", recursive=recursive, path=Path("a"), none=None))
    assert (line["recursive"], line["path"], line["message"]) == ("{'itself': {...}}", "a", "x")


def test_error_field_is_kept_before_the_traceback() -> None:
    def log_events() -> None:
        try:
            raise ValueError("why")
        except ValueError:
            structlog.get_logger("ours").exception("x", error="what")

    [line] = lines_of(log_events)
    assert line["error"].startswith("what\nTraceback") and line["error"].endswith("ValueError: why")


def test_extra_processors_can_change_the_event() -> None:
    def without_secret(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {**event, "token": "[redacted]"}

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
def test_uncaught_exception_is_logged(program: str, message: str) -> None:
    text = f"from common.json_lines import set_up_logging; set_up_logging('ours'); {program}"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=60)
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["level"], line["message"], done.stderr) == ("critical", message, "")
    assert line["error"].startswith("Traceback")


def test_python_warning_is_logged() -> None:
    text = "import warnings; from common.json_lines import set_up_logging; set_up_logging('ours'); warnings.warn('old')"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, timeout=60)
    [line] = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["level"], line["logger"], done.stderr) == ("warning", "py.warnings", "")
    assert "old" in line["message"]
