"""What a listener played lately, as Spotify tells it at this moment."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint

from flask_endpoint.plays.api import play_row
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import Rejected
from flask_endpoint.web.api.schemas import PlaysOut
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator

blueprint = APIBlueprint("recently_played", __name__, tag="Spotify")
csrf.exempt(blueprint)


@blueprint.get("/listeners/<listener_id>/recently-played")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(PlaysOut)
def recently_played(listener_id: str) -> dict[str, Any]:
    """The latest plays, at most 50, newest first. Nothing is stored."""
    return latest_plays(listener_id)


def latest_plays(listener_id: str) -> dict[str, Any]:
    """Ask Spotify; what can be no play is left out."""
    items = endpoint().spotify(listener_id).recently_played()
    horizon = Horizon(datetime.now(UTC))
    return {"listener_id": listener_id, "plays": [play for item in items if (play := _shown(item, horizon))]}


def _shown(item: Any, horizon: Horizon) -> dict[str, Any] | None:
    try:
        row = play_row(item, horizon)._asdict()
    except Rejected:
        return None
    has_own_id = row["track_id"] and not row["track_id"].startswith("x:")
    return row | {"track_id": row["track_id"] if has_own_id else None}
