"""Readable form of a service's JSON log line. Other lines stay unchanged."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.output.log_lines import readable

LINE = {"time": "2026-11-25T07:20:02.123Z", "level": "warning", "service": "flask", "message": "poll_failed"}


def test_line_shows_time_level_and_message() -> None:
    assert readable(json.dumps(LINE)) == "07:20:02.123 warning  poll_failed"


def test_other_fields_follow_and_the_traceback_is_below() -> None:
    more = {"logger": "sync", "listener_id": "ana", "rows": 3, "last": None, "error": "Traceback\n  ValueError"}
    assert readable(json.dumps(LINE | more)) == (
        "07:20:02.123 warning  poll_failed listener_id=ana rows=3 last=null\n    Traceback\n      ValueError"
    )


@pytest.mark.parametrize(
    "line",
    [
        "",
        "plain words",
        "{",
        "[1]",
        "7",
        '"text"',
        "null",
        '{"passed": [1], "refused": []}',
        json.dumps(LINE | {"time": 7}),
        json.dumps(LINE | {"time": "noon"}),
        json.dumps(LINE | {"level": None}),
    ],
)
def test_line_of_another_format_is_unchanged(line: str) -> None:
    assert readable(line) == line


@given(st.text())
def test_any_text_is_accepted(text: str) -> None:
    readable(text)


@given(st.dictionaries(st.text(), st.none() | st.text() | st.integers() | st.lists(st.text())))
def test_any_fields_keep_the_message(more: dict[str, Any]) -> None:
    assert readable(json.dumps(more | LINE)).startswith("07:20:02.123 warning  poll_failed")


def test_line_shows_its_service_on_request() -> None:
    line = '{"time": "2026-11-25T07:20:02.123Z", "level": "info", "service": "flask", "message": "started"}'
    assert readable(line, with_service=True) == "07:20:02.123 info     flask        started"
