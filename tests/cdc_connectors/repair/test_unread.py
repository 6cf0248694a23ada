"""The key of a change is the key of a row in PostgreSQL."""

import json

import pytest

from cdc_connectors.repair.unread import NoKey, read_key
from cdc_connectors.verification.tables import Table


def table(kind: str) -> Table:
    return Table("mart", "day", (("listener_id", "text"), ("at", kind), ("plays", "integer")), ("listener_id", "at"))


def message(value: object) -> bytes:
    return json.dumps({"schema": {}, "payload": {"at": value, "listener_id": "ana"}}).encode()


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", "it's", "it's"),
        ("date", 0, "1970-01-01"),
        ("date", 19723, "2024-01-01"),
        ("date", -1, "1969-12-31"),
        ("smallint", 7, "7"),
        ("bigint", -(2**62), str(-(2**62))),
        ("boolean", True, "true"),
        ("timestamp with time zone", "2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00.123456Z"),
        ("character varying(3)", "abc", "abc"),
    ],
)
def test_values_of_key_are_text_in_the_order_of_the_key(kind: str, value: object, text: str) -> None:
    assert read_key(message(value), table(kind)) == ("ana", text)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (None, "a TRUNCATE, or a change without a key"),
        (b"\xff", "a key that cannot be read"),
        (b"[]", "a key that cannot be read"),
        (b"null", "a key that cannot be read"),
        (b'{"payload": {"listener_id": "ana"}}', "a key that cannot be read"),
        (message(10**9), "a date outside"),
        (message("2024-01-01"), "a key of type date"),
    ],
)
def test_change_that_names_no_row_is_refused_with_the_reason(sent: bytes | None, reason: str) -> None:
    with pytest.raises(NoKey, match=reason):
        read_key(sent, table("date"))


def test_other_type_of_key_is_refused() -> None:
    with pytest.raises(NoKey, match="a key of type numeric"):
        read_key(message("AQ=="), table("numeric"))
