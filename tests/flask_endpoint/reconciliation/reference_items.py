"""Reference implementation, part 1: group received rows into items, and merge the items of one origin that are one play.

The reference is slow and simple: it compares all rows with each other. It is written from docs/data-contract.md, not
from the SQL, and uses no database. Tests compare both.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_endpoint.plays.row import PlayRow

BROKEN = "\ufffd"  # replaces each character that could not be read


@dataclass(frozen=True)
class Received:
    """A received row and the name of its import or poll."""

    batch: str
    row: PlayRow
    is_poll: bool = False


@dataclass(eq=False)
class Item:
    """The rows of one origin with equal end, id and ms_played, and of the items that were merged into it.

    `representative` is the row whose names and flags count. `import_end` is the latest end in the import of that row.
    """

    origin: str
    ended_at: datetime
    own_id: str | None
    ms_played: int | None
    rows: list[Received] = field(default_factory=list)
    representative: PlayRow | None = None
    import_end: datetime | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """Return a sort key: by end, then by id and length, None last."""
        return self.ended_at, self.own_id is None, self.own_id or "", self.ms_played is None, self.ms_played or 0


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def items_of(rows: Iterable[Received]) -> list[Item]:
    """Return the items of the rows, merged.

    The row from the import with the latest end represents its item. A row with broken names yields to one without.
    """
    rows = list(rows)
    import_ends: dict[tuple[str, str], datetime] = {}
    for received in rows:
        if not received.is_poll:
            export = (received.batch, received.row.origin)
            end = max(instant(received.row.ts), instant(received.row.ended_at))
            import_ends[export] = max(import_ends.get(export, end), end)
    items: dict[tuple[Any, ...], Item] = {}
    for received in rows:
        row = received.row
        key = (row.origin, instant(row.ended_at), row.track_id, row.ms_played)
        items.setdefault(key, Item(*key)).rows.append(received)
    for item in items.values():

        def import_end(received: Received, item: Item = item) -> datetime:
            return import_ends.get((received.batch, item.origin), datetime.min.replace(tzinfo=item.ended_at.tzinfo))

        best = max(item.rows, key=lambda received: (not is_broken(received.row), import_end(received)))
        item.representative, item.import_end = best.row, import_end(best)
    ordered = sorted(items.values(), key=lambda item: (item.origin, item.order))
    return _merge_renamed(_merge_broken(_merge_provisional(ordered)))


def is_broken(row: PlayRow) -> bool:
    return any(BROKEN in (name or "") for name in (row.title, row.artist_name, row.album_title))


def same_names(left: Item, right: Item) -> bool:
    """Return whether any artist and title of one item are equal to any of the other."""
    return bool(names(left) & names(right))


def names(item: Item) -> set[tuple[str, str]]:
    """Return each normalised artist and title that a row of the item has."""
    rows = (received.row for received in item.rows)
    return {(row.artist_key, row.title_key) for row in rows if row.artist_key and row.title_key}


def _has_spotify_id(item: Item) -> bool:
    return item.own_id is not None and not item.own_id.startswith("x:")


def _merge_provisional(items: list[Item]) -> list[Item]:
    """Merge each extended item without a Spotify id into one with a Spotify id and equal end, length, kind and names.

    If there are several, take the one with the smallest id.
    """
    merged: list[Item] = []
    for item in items:
        assert item.representative is not None
        if item.origin != "extended" or item.own_id is None or _has_spotify_id(item):
            continue
        same = [
            other
            for other in items
            if other.origin == "extended"
            and _has_spotify_id(other)
            and (other.ended_at, other.ms_played) == (item.ended_at, item.ms_played)
            and other.representative is not None
            and other.representative.kind == item.representative.kind
            and same_names(other, item)
        ]
        if same:
            min(same, key=lambda other: other.own_id or "").rows.extend(item.rows)
            merged.append(item)
    return [item for item in items if item not in merged]


def _merge_broken(items: list[Item]) -> list[Item]:
    """Merge each export item with a provisional id of broken names into an intact item whose names fit.

    End, length and kind must be equal. Of several, prefer a Spotify id, then take the smallest.
    """
    targets: dict[int, Item] = {}
    for item in items:
        row = item.representative
        assert row is not None
        if item.origin == "api" or item.own_id is None or _has_spotify_id(item):
            continue
        if BROKEN not in (row.artist_key or "") + (row.title_key or ""):
            continue
        fitting = [
            other
            for other in items
            if (other.origin, other.ended_at, other.ms_played) == (item.origin, item.ended_at, item.ms_played)
            and any(_fits_broken(row, received.row) for received in other.rows)
        ]
        if fitting:
            targets[id(item)] = min(fitting, key=lambda other: (not _has_spotify_id(other), other.own_id or ""))
    for item in items:
        if id(item) in targets:
            targets[id(item)].rows.extend(item.rows)
    return [item for item in items if id(item) not in targets]


def _fits_broken(broken: PlayRow, intact: PlayRow) -> bool:
    """Return whether the intact names equal the broken ones if each run of U+FFFD matches any text."""
    pairs = [(broken.artist_key or "", intact.artist_key or ""), (broken.title_key or "", intact.title_key or "")]
    return broken.kind == intact.kind and all(
        BROKEN not in name and re.fullmatch(".*".join(map(re.escape, re.split(BROKEN + "+", pattern))), name, re.DOTALL)
        for pattern, name in pairs
    )


def _merge_renamed(items: list[Item]) -> list[Item]:
    """Merge two items with equal end and length (> 0) that no import has both of, if neither has another candidate."""

    def imports(item: Item) -> set[str]:
        return {received.batch for received in item.rows if not received.is_poll}

    def candidates(item: Item) -> list[Item]:
        return [
            other
            for other in items
            if other is not item
            and (other.origin, other.ended_at, other.ms_played) == (item.origin, item.ended_at, item.ms_played)
            and item.ms_played
            and not imports(item) & imports(other)
        ]

    def preference(item: Item) -> tuple[Any, ...]:
        assert item.representative is not None
        return (
            item.representative.kind is not None,
            not is_broken(item.representative),
            _has_spotify_id(item),
            item.import_end,
        )

    merged: list[Item] = []
    for item in items:
        others = candidates(item)
        if len(others) == 1 and len(candidates(others[0])) == 1:
            kept = max((item, others[0]), key=preference)
            other = others[0] if kept is item else item
            if other not in merged:
                merged.append(other)
                kept.rows.extend(other.rows)
    return [item for item in items if item not in merged]
