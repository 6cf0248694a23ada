"""The Web API under /v1: the listener's profile, their recent plays, and single catalog items."""

import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from simulated_spotify.accounts.tokens import TokenError
from simulated_spotify.control.faults import Place, response_of
from simulated_spotify.listening.history import recently_played
from simulated_spotify.listening.listeners import LISTENERS
from simulated_spotify.music.items import BASE62, ID_LENGTH
from simulated_spotify.server import server
from simulated_spotify.web_api.development import for_development
from simulated_spotify.web_api.paging import CursorError, page_of
from simulated_spotify.web_api.shapes import Json

ITEM_ID = re.compile(f"[{BASE62}]{{{ID_LENGTH}}}")
LATEST_CURSOR = 10**15  # milliseconds
LIBRARY_KINDS = ("tracks", "albums", "episodes", "shows", "audiobooks", "following")
REMOVED_PATHS = (
    *("tracks", "albums", "artists", "episodes", "shows", "audiobooks", "chapters"),
    *("artists/<_>/top-tracks", "browse/new-releases", "browse/categories", "browse/categories/<_>"),
    *("markets", "users/<_>", "users/<_>/playlists", "playlists/<_>/tracks"),
    *(f"me/{kind}/contains" for kind in LIBRARY_KINDS),
    "playlists/<_>/followers/contains",
)
ANY_METHOD = ["GET", "POST", "PUT", "DELETE"]
api = Blueprint("api", __name__, url_prefix="/v1")


class ApiError(Exception):
    """A rejected API request, with the HTTP status and Spotify's message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@api.errorhandler(ApiError)
def api_error(error: ApiError) -> tuple[Json, int]:
    """Return the error in Spotify's shape."""
    return {"error": {"status": error.status, "message": error.message}}, error.status


@api.before_request
def inject_fault() -> Response | None:
    """Return the response of the fault planned for this request, or None. A slow fault only delays the request."""
    fault = server().faults.take(_place(), _account())
    return response_of(fault) if fault else None


@api.after_request
def remove_fields(response: Response) -> Response:
    """Remove the fields that an app in development mode does not receive."""
    if (
        server().faults.plan.is_development
        and response.status_code == 200
        and response.is_json
        and not response.is_streamed
    ):
        response.set_data(current_app.json.dumps(for_development(response.get_json())))
    return response


@api.before_request
def authenticate() -> None:
    """Read the access token into `g.grant`, or reject the request with 401."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise ApiError(401, "Only valid bearer authentication supported" if scheme else "No token provided")
    try:
        g.grant = server().tokens.read("access token", token, server().now())
    except TokenError as error:
        raise ApiError(401, "The access token expired" if "expired" in str(error) else str(error)) from None


@api.get("/me")
def me() -> Json:
    return server().shapes.user(LISTENERS[g.grant.account], set(g.grant.scope.split()))


@api.get("/me/player/recently-played")
def recent() -> Json:
    """Return one page of the recent plays as of the clock file, not of the real time."""
    if "user-read-recently-played" not in g.grant.scope.split():
        raise ApiError(403, "Insufficient client scope")
    limit = _number("limit", 20, 1, 50)
    cursors = {name: _number(name, 0, 0, LATEST_CURSOR) for name in ("after", "before") if name in request.args}
    shown = server().faults.shown(recently_played(server().setting(), g.grant.account))
    try:
        page = page_of(shown, limit, **cursors)
    except CursorError as error:
        raise ApiError(400, str(error)) from None
    url = f"{server().settings.base_url}{request.path}"
    return {
        "items": [server().shapes.played(play) for play in page.plays],
        "next": f"{url}?{urlencode({**page.next_cursor, 'limit': limit})}" if page.next_cursor else None,
        "cursors": page.cursors,
        "limit": limit,
        "href": f"{url}?{urlencode({**cursors, 'limit': limit})}",
    }


@api.get("/tracks/<item_id>")
def track(item_id: str) -> Json:
    return server().shapes.track(_item(server().catalog.tracks, item_id))


@api.get("/albums/<item_id>")
def album(item_id: str) -> Json:
    return server().shapes.album(_item(server().catalog.albums, item_id))


@api.get("/albums/<item_id>/tracks")
def album_tracks(item_id: str) -> Json:
    offset, limit = _number("offset", 0, 0, 1000), _number("limit", 20, 1, 50)
    return server().shapes.album_tracks(_item(server().catalog.albums, item_id), offset, limit)


@api.get("/artists/<item_id>")
def artist(item_id: str) -> Json:
    return server().shapes.artist(_item(server().catalog.artists, item_id))


def removed(_: str = "") -> Json:
    """Reject calls that Spotify removed in 2026, such as reading several items in one call."""
    raise ApiError(403, "Forbidden")


for path in REMOVED_PATHS:
    api.add_url_rule(f"/{path}", view_func=removed, methods=ANY_METHOD)
# Of these paths, Spotify removed only the methods that write.
for path in (*(f"me/{kind}" for kind in LIBRARY_KINDS), "playlists/<_>/followers"):
    api.add_url_rule(f"/{path}", view_func=removed, methods=["PUT", "DELETE"])


@api.route("/<path:_>", methods=ANY_METHOD)
def unknown(_: str) -> Json:
    raise ApiError(404, "Service not found")


def _place() -> Place:
    """Return the part of the API that the request is for."""
    match request.path.removeprefix("/v1").rstrip("/"):
        case "/me/player/recently-played":
            return "plays"
        case "/me":
            return "me"
        case _:
            return "catalogue"


def _account() -> str | None:
    """Return the listener of the request's access token, even if the token has expired."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    return server().tokens.account_of("access token", token)


def _item(items: dict[str, Any], item_id: str) -> Any:
    """Return the item with this id. Raise ApiError 400 for a malformed id and 404 for an unknown one."""
    if not ITEM_ID.fullmatch(item_id):
        raise ApiError(400, "Invalid base62 id")
    if item_id not in items:
        raise ApiError(404, "Resource not found")
    return items[item_id]


def _number(name: str, default: int, least: int, most: int) -> int:
    """Return a query parameter as an integer. Raise ApiError 400 if it is not from `least` to `most`."""
    text = request.args.get(name, str(default))
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
        raise ApiError(400, f"Invalid {name}")
    return int(text)
