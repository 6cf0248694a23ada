"""Cursor paging for recently-played."""

from dataclasses import dataclass

from simulated_spotify.listening.plays import Play


class CursorError(Exception):
    """Both cursors were given."""


@dataclass(frozen=True)
class Page:
    """One page of plays, newest first."""

    plays: list[Play]
    cursors: dict[str, str] | None  # milliseconds, as strings
    next_cursor: dict[str, str] | None  # the cursor in the URL of the next page


def page_of(shown: list[Play], limit: int, *, after: int | None = None, before: int | None = None) -> Page:
    """Return one page of the plays in `shown`, which are sorted newest first.

    Cursors are milliseconds and exclusive. Without a cursor, or with `before`, return the newest matching plays and page
    backwards. With `after`, return the plays closest to the cursor, so that `next` does not skip plays. A page without
    plays has no cursors. Raise CursorError if both cursors are given.
    """
    if after is not None and before is not None:
        raise CursorError("Only one of before and after may be given")
    if after is not None:
        plays = [play for play in shown if play.ended_at > after][-limit:]
    else:
        plays = [play for play in shown if before is None or play.ended_at < before][:limit]
    if not plays:
        return Page([], None, None)
    cursors = {"after": str(plays[0].ended_at), "before": str(plays[-1].ended_at)}
    direction = "before" if after is None else "after"
    return Page(plays, cursors, {direction: cursors[direction]})
