"""The pages that Spotify does not have: front page, health check, and drawings used as cover images."""

import re

from flask import Blueprint, Response, abort, render_template, request

from simulated_spotify.listening.listeners import LISTENERS
from simulated_spotify.server import server

IMAGE_NAME = re.compile(r"[0-9a-f]{40}")
SIZES = frozenset({"640", "300", "64"})
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 8 8">\
<title>simulated picture</title><rect width="8" height="8" fill="#{background}"/>\
<circle cx="{x}" cy="{y}" r="{radius}" fill="#{foreground}"/></svg>
"""
pages = Blueprint("pages", __name__)


@pages.get("/")
def front() -> str:
    base_url = server().settings.base_url
    return render_template("front.html", listeners=LISTENERS.values(), setting=server().setting(), base_url=base_url)


@pages.get("/healthz")
def health() -> dict[str, object]:
    """Return 200 if the clock file is readable. The simulator has no other dependency."""
    return {"status": "ok", "simulated": True, "now": server().setting().now.isoformat()}


@pages.get("/image/<name>")
def image(name: str) -> Response:
    """Return an SVG of a disc. The digits of the name determine its colors and position."""
    if not IMAGE_NAME.fullmatch(name):
        abort(404)
    size = request.args.get("size", "640")
    drawing = DRAWING.format(
        size=size if size in SIZES else "640",
        background=name[:6],
        foreground=name[6:12],
        x=2 + int(name[12], 16) / 4,
        y=2 + int(name[13], 16) / 4,
        radius=1 + int(name[14], 16) / 8,
    )
    return Response(drawing, mimetype="image/svg+xml")
