"""Rows as the text that PostgreSQL's COPY reads. What repeats from row to row is written once and remembered."""

from functools import lru_cache

from flask_endpoint.plays.row import PlayRow, item_id

REMEMBERED = 50_000  # pieces of rows: a listener plays the same tracks, on the same devices, again and again
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"
COLUMNS = ("item_id", *PlayRow._fields)
TRACK_ID = PlayRow._fields.index("track_id")
# The pieces of a PlayRow that come again: what was heard, and how.
HEARD = slice(PlayRow._fields.index("kind"), PlayRow._fields.index("is_private"))
HOW = slice(PlayRow._fields.index("is_private"), len(PlayRow._fields))

Value = str | int | bool | None


def copied(value: Value) -> str:
    """Write one value."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(ESCAPES)
    return "ft"[value] if isinstance(value, bool) else str(value)


def copied_row(listener_id: str, row: PlayRow) -> str:
    """Write COLUMNS of a listener's row, without the end of the line."""
    origin, ts, ended_at, is_end_computed, ms_played = row[: HEARD.start]
    return (
        f"{item_id(listener_id, origin, ended_at, row[TRACK_ID], ms_played)}\t{origin}\t{ts}\t{ended_at}\t{'t' if is_end_computed else 'f'}\t"
        f"{NULL if ms_played is None else ms_played}\t{_piece(row[HEARD])}\t{_piece(row[HOW])}"
    )


@lru_cache(REMEMBERED)
def _piece(values: tuple[Value, ...]) -> str:
    return "\t".join(map(copied, values))
