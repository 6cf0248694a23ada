"""One track, album or artist, asked of Spotify and kept."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from apiflask import APIBlueprint
from flask import request
from psycopg import sql
from psycopg.rows import dict_row

from flask_endpoint.catalog import store_catalog
from flask_endpoint.errors import NeedsReconnect, NoSuchItem
from flask_endpoint.security import csrf, endpoint, listener_or_operator
from flask_endpoint.spotify.objects import Json

Kind = Literal["track", "album", "artist"]

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


def asked_of_spotify(kind: Kind, item_id: str) -> Json:
    """Ask in the name of the listener in the query, else of any who is connected; store the answer and return the row."""
    spotify = endpoint().spotify(request.args.get("listener_id") or _someone_connected())
    ask: Callable[[str], Json] = getattr(spotify, kind)
    found: dict[str, Any] = ask(item_id) | {"id": item_id}
    if not isinstance(found.get("name"), str):
        raise NoSuchItem("Spotify knows this id, but no name for it.")
    with endpoint().pool.connection() as connection:
        store_catalog(connection, **{f"{kind}s": [found]}, fetched_at=datetime.now(UTC))
        with connection.cursor(row_factory=dict_row) as cursor:
            query = sql.SQL("SELECT * FROM {} WHERE {} = %s").format(
                sql.Identifier("raw", f"catalog_{kind}"), sql.Identifier(f"{kind}_id")
            )
            [row] = cursor.execute(query, (item_id,)).fetchall()
    return {name: value for name, value in row.items() if not name.endswith("_key")}


def _someone_connected() -> str:
    with endpoint().pool.connection() as connection:
        row = connection.execute(
            "SELECT listener_id FROM vault.token WHERE status = 'connected' ORDER BY authorized_at DESC LIMIT 1"
        ).fetchone()
    if row is None:
        raise NeedsReconnect("No listener is connected to Spotify: connect one on the start page.")
    return str(row[0])
