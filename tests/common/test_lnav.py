"""lnav's format file matches the log format of the services."""

import json
from pathlib import Path

from common.log_format import FIELDS, LEVELS, MORE_FIELDS

FORMAT = json.loads((Path(__file__).parents[2] / "docker/lnav/listening.json").read_text())["listening_log"]


def test_format_file_names_exactly_the_log_fields() -> None:
    named = {FORMAT["timestamp-field"], FORMAT["level-field"], FORMAT["body-field"], *FORMAT["value"]}
    assert named == {*FIELDS, *MORE_FIELDS}
    assert (FORMAT["timestamp-field"], FORMAT["level-field"], FORMAT["body-field"]) == ("time", "level", "message")


def test_format_file_has_exactly_the_log_levels() -> None:
    assert FORMAT["level"] == {level: level for level in LEVELS}
