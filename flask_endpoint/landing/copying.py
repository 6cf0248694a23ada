"""Write a PlayRow as a line for PostgreSQL's COPY. Groups of fields that often repeat are formatted once and cached."""

from functools import lru_cache

from flask_endpoint.plays.row import PlayRow, item_id

CACHED_GROUPS = 50_000  # A listener plays the same tracks on the same devices many times.
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = "\\N"
COLUMNS = ("item_id", *PlayRow._fields)
# The two groups that repeat: the track, episode or chapter with its names, and how it was played.
ITEM_FIELDS = slice(PlayRow._fields.index("kind"), PlayRow._fields.index("is_private"))
PLAYBACK_FIELDS = slice(PlayRow._fields.index("is_private"), len(PlayRow._fields))

Value = str | int | bool | None


def copy_value(value: Value) -> str:
    """Return one value in COPY's text format."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(ESCAPES)
    return "ft"[value] if isinstance(value, bool) else str(value)


def copy_line(listener_id: str, row: PlayRow) -> str:
    """Return the values of COLUMNS in COPY's text format, without the line's end."""
    row_id = item_id(listener_id, row.origin, row.ended_at, row.track_id, row.ms_played)
    return (
        f"{row_id}\t{row.origin}\t{row.ts}\t{row.ended_at}\t{'t' if row.is_end_computed else 'f'}\t"
        f"{NULL if row.ms_played is None else row.ms_played}\t{_copy_group(row[ITEM_FIELDS])}\t{_copy_group(row[PLAYBACK_FIELDS])}"
    )


@lru_cache(CACHED_GROUPS)
def _copy_group(values: tuple[Value, ...]) -> str:
    return "\t".join(map(copy_value, values))
