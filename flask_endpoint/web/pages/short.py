"""Short addresses for people and scripts. They return the same as the longer addresses under /v1."""

from typing import Any

from apiflask import APIBlueprint
from flask import request

from flask_endpoint.catalog.store import Kind
from flask_endpoint.errors import BadInput
from flask_endpoint.spotify.objects import Json
from flask_endpoint.web.api.recently_played import RecentPlaysOut, latest_plays
from flask_endpoint.web.security import listener_or_operator, requested_listener
from flask_endpoint.web.spotify_items import fetch_item

blueprint = APIBlueprint("short", __name__, tag="Spotify")


@blueprint.get("/recent_played")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(RecentPlaysOut)
@blueprint.doc(description="The listener is `listener_id` or, without it, the signed-in listener.")
def recent_played() -> dict[str, Any]:
    """Return a listener's latest plays, newest first, at most 50."""
    listener_id = requested_listener()
    if listener_id is None:
        raise BadInput("Name the listener, for example /recent_played?listener_id=ana.")
    return latest_plays(listener_id)


@blueprint.get("/song")
@blueprint.auth_required(listener_or_operator)
def song() -> Json:
    """Fetch the track `id` from Spotify and store it."""
    return _item("track")


@blueprint.get("/album")
@blueprint.auth_required(listener_or_operator)
def album() -> Json:
    """Fetch the album `id` from Spotify and store it."""
    return _item("album")


@blueprint.get("/artist")
@blueprint.auth_required(listener_or_operator)
def artist() -> Json:
    """Fetch the artist `id` from Spotify and store it."""
    return _item("artist")


def _item(kind: Kind) -> Json:
    reference = request.args.get("id", "").strip()
    if not reference:
        raise BadInput(f"Name the item: {request.path}?id= and a Spotify id of 22 letters and digits, or a link.")
    return fetch_item(kind, reference)
