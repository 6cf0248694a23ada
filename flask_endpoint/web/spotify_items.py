"""Ask Spotify for one track, album or artist, store it, and return the stored row."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask_endpoint.catalog.lookup import stored_item
from flask_endpoint.catalog.store import Kind, store_catalog
from flask_endpoint.errors import BadInput, NeedsReconnect, NoSuchItem
from flask_endpoint.listeners.consent import latest_connected_listener
from flask_endpoint.plays.api import text_of
from flask_endpoint.plays.extended import SPOTIFY_ID
from flask_endpoint.plays.names import normalise
from flask_endpoint.spotify.objects import Json
from flask_endpoint.web.security import endpoint, requested_listener

URI_OR_LINK = re.compile(
    r"(?:spotify:|https?://open\.spotify\.com/(?:intl-[\w-]+/)?)(?P<kind>[a-z]+)[:/](?P<id>[^/?#:]*)/?(?:[?#].*)?",
    re.ASCII,
)


def fetch_item(kind: Kind, reference: str) -> Json:
    """Fetch an item by its id, URI or link, with a listener's token.

    The listener is the one in the query, or the signed-in listener. If the operator names no listener, it is the listener who
    connected last. Raises BadInput, NoSuchItem, NeedsReconnect, and the errors of SpotifyClient.
    """
    item_id = _parse_item_id(kind, reference)
    spotify = endpoint().spotify(requested_listener() or _any_connected_listener())
    fetch: Callable[[str], Json] = getattr(spotify, kind)
    found: dict[str, Any] = fetch(item_id) | {"id": item_id}
    if not normalise(text_of(found, "name")):
        raise NoSuchItem("Spotify knows this id, but has no name for it.")
    with endpoint().pool.connection() as connection:
        store_catalog(connection, **{f"{kind}s": [found]}, fetched_at=datetime.now(UTC))
        return stored_item(connection, kind, item_id)


def _parse_item_id(kind: Kind, reference: str) -> str:
    """Return the id in what Spotify's apps copy: an id, a URI or a link. Raises BadInput, NoSuchItem."""
    match = URI_OR_LINK.fullmatch(reference.strip())
    if match and match["kind"] != kind:
        raise BadInput(f"That is the address of one {match['kind']}. This route needs one {kind}.")
    item_id = match["id"] if match else reference.strip()
    if not SPOTIFY_ID.fullmatch(item_id):
        raise NoSuchItem("That is not a Spotify id. Spotify ids have 22 letters and digits.")
    return item_id


def _any_connected_listener() -> str:
    with endpoint().pool.connection() as connection:
        listener_id = latest_connected_listener(connection)
    if listener_id is None:
        raise NeedsReconnect("No listener is connected to Spotify. Connect one on the start page.")
    return listener_id
