"""Rows that do not fit their type at once: what is right in them is kept, what is wrong counts as missing."""

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from msgspec import Struct

from flask_endpoint.plays.api import clean
from flask_endpoint.plays.row import NO_OBJECT, Rejected

Row = TypeVar("Row", bound=Struct)


def row_from_text(text: bytes, type_: type[Row]) -> Row:
    """Read one row's JSON forgivingly; raise Rejected when it is no object."""
    try:
        value = json.loads(text.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise Rejected(NO_OBJECT) from None
    return row_from_object(value, type_)


def row_from_object(value: object, type_: type[Row]) -> Row:
    """Take the fields that have their declared type; raise Rejected when it is no object."""
    if not isinstance(value, Mapping):
        raise Rejected(NO_OBJECT)
    hints: dict[str, Any] = get_type_hints(type_)
    return type_(**{name: _fitting(value.get(name), hint) for name, hint in hints.items()})


def _fitting(value: object, hint: UnionType) -> object:
    if isinstance(value, str):
        value = clean(value)
    return value if type(value) in get_args(hint) else None
