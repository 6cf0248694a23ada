"""Decode rows leniently: fields with a wrong type count as missing, and the other fields are kept."""

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from msgspec import Struct

from flask_endpoint.plays.row import NOT_AN_OBJECT, Rejected
from flask_endpoint.plays.text import repair_text

RowType = TypeVar("RowType", bound=Struct)


def row_from_text(text: bytes, row_type: type[RowType]) -> RowType:
    """Decode the JSON of one row. Bytes that are not UTF-8 become U+FFFD. Raises Rejected if it is not an object."""
    try:
        value = json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Rejected(NOT_AN_OBJECT) from None
    return row_from_object(value, row_type)


def row_from_object(value: object, row_type: type[RowType]) -> RowType:
    """Return a row with the fields that have their declared type. Raises Rejected if the value is not an object."""
    if not isinstance(value, Mapping):
        raise Rejected(NOT_AN_OBJECT)
    hints: dict[str, Any] = get_type_hints(row_type)
    return row_type(**{name: _value_of_type(value.get(name), hint) for name, hint in hints.items()})


def _value_of_type(value: object, hint: UnionType) -> object:
    """Return the value if its type is in the union, else None. Text is repaired."""
    if isinstance(value, str):
        value = repair_text(value)
    return value if type(value) in get_args(hint) else None
