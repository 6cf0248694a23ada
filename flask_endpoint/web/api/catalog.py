"""One track, album or artist, asked of Spotify and kept; and files of many."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import request
from psycopg import sql
from psycopg.rows import dict_row

from flask_endpoint.catalog.store import Kind, store_catalog
from flask_endpoint.errors import BadInput, NeedsReconnect, NoSuchItem
from flask_endpoint.imports import uploads
from flask_endpoint.jobs.queue import queue_catalog
from flask_endpoint.plays.api import text_of
from flask_endpoint.plays.extended import SPOTIFY_ID
from flask_endpoint.plays.names import normalise
from flask_endpoint.spotify.objects import Json
from flask_endpoint.web.api.schemas import Queued
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator, named_listener, operator_only, settings

COPIED = re.compile(
    r"(?:spotify:|https?://open\.spotify\.com/(?:intl-[\w-]+/)?)(?P<kind>[a-z]+)[:/](?P<id>[^/?#:]*)/?(?:[?#].*)?",
    re.ASCII,
)

blueprint = APIBlueprint("catalogue", __name__, tag="Spotify")
csrf.exempt(blueprint)


@blueprint.get("/tracks/<item_id>")
@blueprint.auth_required(listener_or_operator)
def track(item_id: str) -> Json:
    """A track, as Spotify tells it now."""
    return asked_of_spotify("track", item_id)


@blueprint.get("/albums/<item_id>")
@blueprint.auth_required(listener_or_operator)
def album(item_id: str) -> Json:
    """An album, as Spotify tells it now."""
    return asked_of_spotify("album", item_id)


@blueprint.get("/artists/<item_id>")
@blueprint.auth_required(listener_or_operator)
def artist(item_id: str) -> Json:
    """An artist, as Spotify tells it now."""
    return asked_of_spotify("artist", item_id)


@blueprint.post("/catalog")
@blueprint.auth_required(operator_only)
@blueprint.output(Queued, status_code=202)
@blueprint.doc(
    description="Multipart form data: `files` is one CSV, gzipped or not, with the columns track_id, track_name and, where known, "
    "track_artist, track_popularity, track_album_id, track_album_name, track_album_release_date, duration_ms. "
    "With `dry_run=1` the job only says what it would change."
)
def load_file() -> dict[str, int]:
    """Load a catalogue file, so that Spotify need not be asked about each track first."""
    files = request.files.getlist("files")
    if len(files) != 1:
        raise BadInput("Send one catalogue file, as `files`.")
    [path] = uploads.save(settings(), files)
    try:
        return {"job_id": queue_catalog(endpoint().jobs, str(path), uploads.is_dry_run(request.form))}
    except BaseException:
        uploads.discard([path])
        raise


def asked_of_spotify(kind: Kind, given: str) -> Json:
    """Ask in the name of the listener in the query, else of who is signed in; store the answer and return the row.

    The operator, who names nobody, asks in the name of any who is connected.
    """
    item_id = _id_in(kind, given)
    spotify = endpoint().spotify(named_listener() or _someone_connected())
    ask: Callable[[str], Json] = getattr(spotify, kind)
    found: dict[str, Any] = ask(item_id) | {"id": item_id}
    if not normalise(text_of(found, "name")):
        raise NoSuchItem("Spotify knows this id, but no name for it.")
    with endpoint().pool.connection() as connection:
        store_catalog(connection, **{f"{kind}s": [found]}, fetched_at=datetime.now(UTC))
        with connection.cursor(row_factory=dict_row) as cursor:
            query = sql.SQL("SELECT * FROM {} WHERE {} = %s").format(
                sql.Identifier("raw", f"catalog_{kind}"), sql.Identifier(f"{kind}_id")
            )
            [row] = cursor.execute(query, (item_id,)).fetchall()
    return {name: value for name, value in row.items() if not name.endswith("_key")}


def _id_in(kind: Kind, given: str) -> str:
    """The id in what a person copies from Spotify: the id itself, a URI or a link. Raises BadInput, NoSuchItem."""
    copied = COPIED.fullmatch(given.strip())
    if copied and copied["kind"] != kind:
        raise BadInput(f"That is of one {copied['kind']}: this asks about one {kind}.")
    item_id = copied["id"] if copied else given.strip()
    if not SPOTIFY_ID.fullmatch(item_id):
        raise NoSuchItem("That is not an id of Spotify's: 22 letters and digits.")
    return item_id


def _someone_connected() -> str:
    with endpoint().pool.connection() as connection:
        row = connection.execute(
            "SELECT listener_id FROM vault.token WHERE status = 'connected' ORDER BY authorized_at DESC LIMIT 1"
        ).fetchone()
    if row is None:
        raise NeedsReconnect("No listener is connected to Spotify: connect one on the start page.")
    return str(row[0])
