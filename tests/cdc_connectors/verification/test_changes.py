"""A change in Kafka is shown as one line."""

import json

import pytest

from cdc_connectors.verification.changes import describe


def message(**payload: object) -> bytes:
    return json.dumps({"schema": {}, "payload": payload}).encode()


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        (message(id=1), message(op="c", after={"id": 1, "note": "é"}), 'insert {"id": 1} {"id": 1, "note": "é"}'),
        (message(id=1), message(op="u", after={"id": 1}), 'update {"id": 1} {"id": 1}'),
        (message(id=1), message(op="d", after=None), 'delete {"id": 1}'),
        (None, message(op="t"), "truncate"),
        (b"no JSON", message(op="c", after={"id": 1}), "unreadable: key b'no JSON', value b'"),
        (message(id=1), None, "unreadable: key b'"),
    ],
)
def test_change_is_described_in_one_line(key: bytes | None, value: bytes | None, line: str) -> None:
    assert describe(key, value).startswith(line)
    assert "\n" not in describe(key, value)
