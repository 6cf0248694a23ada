"""Select the listeners that a load must recompute, by comparing their versions in source with the published ones."""

import hashlib
from collections.abc import Collection
from datetime import date

from spark_scripts.database.connection import Cursor

VERIFICATION_DAYS = 10  # A nightly run verifies one tenth of the listeners.


def source_versions(source: Cursor) -> dict[str, int]:
    """Return every listener of source with its version in this transaction."""
    source.execute("SELECT listener_id, version FROM raw.listener")
    return dict(source.fetchall())


def published_versions(main: Cursor, definitions: str) -> dict[str, int | None]:
    """Return every published listener with the version that its load read, None if that load used other definitions."""
    main.execute(
        "SELECT listener_id, CASE WHEN definitions = %s THEN version END FROM audit.listener_version", (definitions,)
    )
    return dict(main.fetchall())


def versions_to_recompute(
    current: dict[str, int], published: dict[str, int | None], also: Collection[str] = frozenset()
) -> dict[str, int | None]:
    """Return the listeners to recompute, each with its current version, None for one that source no longer has.

    These are the listeners whose version or definitions changed, and those of `also` that exist.
    """
    return {
        listener: current.get(listener)
        for listener in sorted(current.keys() | published.keys())
        if listener in also or listener not in current or current[listener] != published.get(listener)
    }


def verified_on(day: date, listeners: Collection[str]) -> set[str]:
    """Return the tenth of the listeners that is verified on a day. Each is verified every ten days, whoever else exists."""
    return {listener for listener in listeners if _verification_slot(listener) == day.toordinal() % VERIFICATION_DAYS}


def _verification_slot(listener: str) -> int:
    return int.from_bytes(hashlib.sha256(listener.encode()).digest()[:8], "big") % VERIFICATION_DAYS
