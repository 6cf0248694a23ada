"""The route that lists a listener's stored plays."""

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from pydantic import Field

from flask_endpoint.errors import BadInput
from flask_endpoint.listeners.plays import StoredPlay, list_plays
from flask_endpoint.web.paging import PageIn, PageOut
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator

blueprint = APIBlueprint("plays", __name__, tag="Listeners")
csrf.exempt(blueprint)


class StoredPlaysIn(PageIn[str]):
    limit: int = Field(100, ge=1, le=1000, description="The most plays of a page.")


class StoredPlaysOut(PageOut[str]):
    listener_id: str
    plays: list[StoredPlay]


@blueprint.get("/listeners/<listener_id>/plays")
@blueprint.auth_required(listener_or_operator)
@blueprint.input(StoredPlaysIn, location="query", arg_name="query")
@blueprint.output(StoredPlaysOut)
def plays(listener_id: str, query: StoredPlaysIn) -> dict[str, Any]:
    """List a listener's stored plays, latest first."""
    before = _parse_position(query.before) if query.before is not None else None
    with endpoint().pool.connection() as connection:
        fetched = list_plays(connection, listener_id, before=before, limit=query.rows_to_fetch)
    return {"listener_id": listener_id} | query.page("plays", fetched, _position)


def _position(play: StoredPlay) -> str:
    return f"{play.ended_at.isoformat()}_{play.play_id}"


def _parse_position(position: str) -> tuple[datetime, str]:
    """Return the end and the id of the play that `_position` encoded. Raises BadInput."""
    ended_at, _, play_id = position.partition("_")
    try:
        return datetime.fromisoformat(ended_at.replace(" ", "+")), play_id  # A query turns a plus sign into a space.
    except ValueError:
        raise BadInput("`before` is not valid. Send the `next_before` of the previous page.") from None
