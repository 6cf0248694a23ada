"""The cursors of recently-played: one page out of the plays that are shown, newest first."""

from dataclasses import dataclass

from simulated_spotify.plays import Play


class CursorError(Exception):
    """The cursors given do not go together."""


@dataclass(frozen=True)
class Page:
    plays: list[Play]
    cursors: dict[str, str] | None  # milliseconds, as strings
    onward: dict[str, str] | None  # the cursor that the next page's URL carries


def page_of(shown: list[Play], limit: int, *, after: int | None = None, before: int | None = None) -> Page:
    """The plays past a cursor, exclusive.

    Without a cursor and with `before` the newest ones, going back; with `after` the ones next to the cursor, so that
    going on by `next` leaves none out. Past the end there are no plays and no cursors.
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
    way = "before" if after is None else "after"
    return Page(plays, cursors, {way: cursors[way]})
