"""Which listeners a load must recompute: those whose version in source is not the one last published, or published otherwise defined."""

import hashlib
from collections.abc import Collection
from datetime import date

from psycopg2.extensions import cursor as Cursor

TENTHS = 10


def versions_in_source(source: Cursor) -> dict[str, int]:
    """Every listener of source with the version it has in this transaction."""
    source.execute("SELECT listener_id, version FROM raw.listener")
    return dict(source.fetchall())


def versions_published(main: Cursor, definitions: str) -> dict[str, int | None]:
    """Every listener that a published load read, with the version it read; None where it computed by other definitions."""
    main.execute(
        "SELECT listener_id, CASE WHEN definitions = %s THEN version END FROM audit.listener_version", (definitions,)
    )
    return dict(main.fetchall())


def touched(
    current: dict[str, int], published: dict[str, int | None], also: Collection[str] = frozenset()
) -> dict[str, int | None]:
    """The listeners to recompute with their current version, None for one that is gone from source.

    Those that changed, those published by other definitions, and those of `also` that there are, changed or not.
    """
    return {
        listener: current.get(listener)
        for listener in sorted(current.keys() | published.keys())
        if listener in also or listener not in current or current[listener] != published.get(listener)
    }


def tenth_of(day: date, listeners: Collection[str]) -> set[str]:
    """The tenth of the listeners whose turn it is that day: each once in ten days, whoever joins or leaves."""
    return {listener for listener in listeners if _place(listener) == day.toordinal() % TENTHS}


def _place(listener: str) -> int:
    return int.from_bytes(hashlib.sha256(listener.encode()).digest()[:8], "big") % TENTHS
