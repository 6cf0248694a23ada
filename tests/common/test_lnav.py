"""lnav's format file knows the lines that the services write."""

import json
from pathlib import Path

from common.log_format import FIELDS, LEVELS, MORE_FIELDS

FORMAT = json.loads((Path(__file__).parents[2] / "docker/lnav/listening.json").read_text())["listening_log"]


def test_it_names_exactly_the_fields_of_the_shape():
    named = {FORMAT["timestamp-field"], FORMAT["level-field"], FORMAT["body-field"], *FORMAT["value"]}
    assert named == {*FIELDS, *MORE_FIELDS}
    assert (FORMAT["timestamp-field"], FORMAT["level-field"], FORMAT["body-field"]) == ("time", "level", "message")


def test_it_knows_every_level_and_no_other():
    assert FORMAT["level"] == {level: level for level in LEVELS}
