"""Four addresses without a version, for a person or a script in a hurry: what /v1 answers under its longer names."""

from typing import Any

from apiflask import APIBlueprint
from flask import request

from flask_endpoint.catalog.store import Kind
from flask_endpoint.errors import BadInput
from flask_endpoint.spotify.objects import Json
from flask_endpoint.web.api.catalog import asked_of_spotify
from flask_endpoint.web.api.recently_played import latest_plays
from flask_endpoint.web.api.schemas import PlaysOut
from flask_endpoint.web.security import listener_or_operator, named_listener

blueprint = APIBlueprint("short", __name__, tag="Spotify")


@blueprint.get("/recent_played")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(PlaysOut)
@blueprint.doc(description="Of the listener in `listener_id`, else of who is signed in.")
def recent_played() -> dict[str, Any]:
    """The latest plays, at most 50, newest first."""
    listener_id = named_listener()
    if listener_id is None:
        raise BadInput("Say whose plays: /recent_played?listener_id=ana.")
    return latest_plays(listener_id)


@blueprint.get("/song")
@blueprint.auth_required(listener_or_operator)
def song() -> Json:
    """The track in `id`, as Spotify tells it now."""
    return _item("track")


@blueprint.get("/album")
@blueprint.auth_required(listener_or_operator)
def album() -> Json:
    """The album in `id`, as Spotify tells it now."""
    return _item("album")


@blueprint.get("/artist")
@blueprint.auth_required(listener_or_operator)
def artist() -> Json:
    """The artist in `id`, as Spotify tells it now."""
    return _item("artist")


def _item(kind: Kind) -> Json:
    item_id = request.args.get("id", "").strip()
    if not item_id:
        raise BadInput(f"Say which one: {request.path}?id= and Spotify's id, 22 letters and digits, or a link to it.")
    return asked_of_spotify(kind, item_id)
