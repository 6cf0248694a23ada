"""The route that returns a listener's latest plays from Spotify."""

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel

from flask_endpoint.plays.api import play_row
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.names import PROVISIONAL_PREFIX
from flask_endpoint.plays.row import Rejected
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator

blueprint = APIBlueprint("recently_played", __name__, tag="Spotify")
csrf.exempt(blueprint)


class RecentPlayOut(BaseModel):
    """A play as Spotify reports it."""

    ended_at: datetime
    track_id: str | None
    title: str | None
    artist_id: str | None
    artist_name: str | None
    album_id: str | None
    album_title: str | None
    context_uri: str | None


class RecentPlaysOut(BaseModel):
    listener_id: str
    plays: list[RecentPlayOut]


@blueprint.get("/listeners/<listener_id>/recently-played")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(RecentPlaysOut)
@blueprint.doc(description="Asks Spotify. Nothing is stored.")
def recently_played(listener_id: str) -> dict[str, Any]:
    """Return a listener's latest plays, newest first, at most 50."""
    return latest_plays(listener_id)


def latest_plays(listener_id: str) -> dict[str, Any]:
    """Return a listener's latest plays from Spotify, without the items that are rejected as plays."""
    items = endpoint().spotify(listener_id).recently_played()
    horizon = Horizon(datetime.now(UTC))
    return {"listener_id": listener_id, "plays": [play for item in items if (play := _play(item, horizon))]}


def _play(item: Any, horizon: Horizon) -> dict[str, Any] | None:
    try:
        row = play_row(item, horizon)._asdict()
    except Rejected:
        return None
    is_spotify_id = row["track_id"] and not row["track_id"].startswith(PROVISIONAL_PREFIX)
    return row | {"track_id": row["track_id"] if is_spotify_id else None}
