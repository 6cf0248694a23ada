"""The plays held of a listener, latest first, a page at a time."""

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from psycopg.rows import dict_row

from flask_endpoint.errors import BadInput, NotFound
from flask_endpoint.web.api.schemas import HeldPlaysIn, HeldPlaysOut
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator

PLAYS = """
    SELECT play_id, ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, is_private, origin
    FROM raw.play
    WHERE listener_id = %(listener_id)s AND (%(ended_at)s::timestamptz IS NULL OR (ended_at, play_id) < (%(ended_at)s, %(play_id)s))
    ORDER BY ended_at DESC, play_id DESC
    LIMIT %(limit)s
"""

blueprint = APIBlueprint("plays", __name__, tag="Listeners")
csrf.exempt(blueprint)


@blueprint.get("/listeners/<listener_id>/plays")
@blueprint.auth_required(listener_or_operator)
@blueprint.input(HeldPlaysIn, location="query", arg_name="asked")
@blueprint.output(HeldPlaysOut)
def plays(listener_id: str, asked: HeldPlaysIn) -> dict[str, Any]:
    """The plays, latest first."""
    ended_at, play_id = _end_and_id(asked.before)
    wanted = {"listener_id": listener_id, "ended_at": ended_at, "play_id": play_id, "limit": asked.rows_to_fetch}
    with endpoint().pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        if not cursor.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchall():
            raise NotFound(f"There is no listener {listener_id}.")
        fetched = cursor.execute(PLAYS, wanted).fetchall()
    return {"listener_id": listener_id} | asked.page("plays", fetched, _place)


def _place(play: dict[str, Any]) -> str:
    return f"{play['ended_at'].isoformat()}_{play['play_id']}"


def _end_and_id(place: str | None) -> tuple[datetime | None, str]:
    """Of the play at a place, as `_place` wrote it."""
    if place is None:
        return None, ""
    moment, _, play_id = place.partition("_")
    try:
        return datetime.fromisoformat(moment.replace(" ", "+")), play_id  # A plus sign in a query is read as a space.
    except ValueError:
        raise BadInput("`before` is not the `next_before` of a page.") from None
