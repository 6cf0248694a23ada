"""Find out which rows the changes are of that are in Kafka and not yet in the replica. The changes themselves are not needed: main has newer rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cdc_connectors.verification.catch_up import TOPIC_PREFIX
from cdc_connectors.verification.tables import Table
from cdc_connectors.verification.topics import Offsets, Topics, open_consumer, records

EPOCH = date(1970, 1, 1)
WHOLE_NUMBERS = ("smallint", "integer", "bigint")
TEXTS = ("text", "uuid", "timestamp with time zone", "character varying")

Key = tuple[str, ...]
"""A row's key: the values of `Table.key` as PostgreSQL reads them from text."""


@dataclass
class Unread:
    """Rows to copy: keys by table; whole tables, each with the reason why its changes name no row; and where the sink goes on."""

    keys: dict[str, set[Key]] = field(default_factory=dict)
    whole_tables: dict[str, str] = field(default_factory=dict)
    next_offsets: Offsets = field(default_factory=dict)


class NoKey(Exception):
    """A change does not say which row it is of; str(error) is the reason."""


def read_unread(topics: Topics, first: Offsets, ends: Offsets, tables: Mapping[str, Table], limit: int) -> Unread:
    """Read at most `limit` changes of each topic in `first`, from that offset on and before its end.

    Changes of tables that `tables` lacks are passed over.
    Memory use grows with `limit` times the number of tables. Raises Unavailable.
    """
    targets = {each: min(ends[each], offset + limit) for each, offset in first.items()}
    unread = Unread(next_offsets=targets)
    with open_consumer(topics) as consumer:
        for record in records(consumer, first, targets):
            table = tables.get(record.topic.removeprefix(TOPIC_PREFIX))
            if table is None:
                continue
            try:
                unread.keys.setdefault(table.full_name, set()).add(read_key(record.key, table))
            except NoKey as error:
                unread.whole_tables[table.full_name] = str(error)
    return unread


def read_key(message: bytes | None, table: Table) -> Key:
    """Return the key of the row that a change is of. Raises NoKey."""
    if message is None:
        raise NoKey("a TRUNCATE, or a change without a key")
    try:
        values = json.loads(message)["payload"]
        kinds = dict(table.columns)
        return tuple(_text(values[name], kinds[name]) for name in table.key)
    except (ValueError, KeyError, TypeError) as error:
        raise NoKey(f"a key that cannot be read ({type(error).__name__})") from None


def read_key_object(key: str, table: Table) -> Key:
    """Return the key that PostgreSQL wrote as a JSON object (`Table.key_object`)."""
    values = json.loads(key)
    return tuple(value if isinstance(value, str) else json.dumps(value) for value in map(values.get, table.key))


def _text(value: Any, kind: str) -> str:
    """Return a value of a key as text. Debezium writes a date as the number of days since 1970, a time with zone in ISO 8601."""
    if kind == "boolean" and isinstance(value, bool):
        return str(value).lower()
    if kind == "date" and isinstance(value, int):
        try:
            return (EPOCH + timedelta(days=value)).isoformat()
        except OverflowError:
            raise NoKey("a date outside of the years 1 to 9999") from None
    if (kind in WHOLE_NUMBERS and isinstance(value, int)) or (kind.startswith(TEXTS) and isinstance(value, str)):
        return str(value)
    raise NoKey(f"a key of type {kind}")
