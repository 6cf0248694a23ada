"""Routes that fetch one track, album or artist from Spotify, and the route that loads a catalog file."""

from apiflask import APIBlueprint
from flask import request

from flask_endpoint.errors import BadInput
from flask_endpoint.imports import uploads
from flask_endpoint.jobs.queue import queue_catalog
from flask_endpoint.spotify.objects import Json
from flask_endpoint.web.api.schemas import Queued
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator, operator_only, settings
from flask_endpoint.web.spotify_items import fetch_item

blueprint = APIBlueprint("catalog", __name__, tag="Spotify")
csrf.exempt(blueprint)


@blueprint.get("/tracks/<item_id>")
@blueprint.auth_required(listener_or_operator)
def track(item_id: str) -> Json:
    """Fetch a track from Spotify and store it."""
    return fetch_item("track", item_id)


@blueprint.get("/albums/<item_id>")
@blueprint.auth_required(listener_or_operator)
def album(item_id: str) -> Json:
    """Fetch an album from Spotify and store it."""
    return fetch_item("album", item_id)


@blueprint.get("/artists/<item_id>")
@blueprint.auth_required(listener_or_operator)
def artist(item_id: str) -> Json:
    """Fetch an artist from Spotify and store it."""
    return fetch_item("artist", item_id)


@blueprint.post("/catalog")
@blueprint.auth_required(operator_only)
@blueprint.output(Queued, status_code=202)
@blueprint.doc(
    description="Reduces the calls to Spotify. Send multipart form data: `files` is one CSV file, optionally gzipped, with the columns "
    "track_id and track_name and, if known, track_artist, track_popularity, track_album_id, track_album_name, "
    "track_album_release_date and duration_ms. With `dry_run=1` the job only reports what it would change."
)
def load_file() -> dict[str, int]:
    """Load a catalog file: tracks and their albums."""
    files = request.files.getlist("files")
    if len(files) != 1:
        raise BadInput("Send exactly one catalog file, as `files`.")
    [path] = uploads.save(settings(), files)
    try:
        return {"job_id": queue_catalog(endpoint().jobs, str(path), uploads.is_dry_run(request.form))}
    except BaseException:
        uploads.discard([path])
        raise
