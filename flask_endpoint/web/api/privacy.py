"""Routes for a listener's own data: download it, disconnect from Spotify, and delete it."""

from typing import Any, Literal

from apiflask import APIBlueprint
from flask import Response, session
from pydantic import BaseModel, Field

from flask_endpoint.imports import uploads
from flask_endpoint.listeners.export import export_lines
from flask_endpoint.listeners.listeners import require_listener
from flask_endpoint.reconciliation.forget import delete_listener, delete_polled, disconnect
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator

blueprint = APIBlueprint("privacy", __name__, tag="Privacy")
csrf.exempt(blueprint)


class DisconnectedOut(BaseModel):
    listener_id: str
    was_connected: bool


class DeletionIn(BaseModel):
    origin: Literal["api", "all"] = Field(description="What to delete. There is no default.")


class DeletedOut(BaseModel):
    listener_id: str
    origin: Literal["api", "all"]
    rows_deleted: int = Field(description="Received rows that were deleted.")


@blueprint.get("/listeners/<listener_id>/export")
@blueprint.auth_required(listener_or_operator)
@blueprint.doc(
    description="Newline-delimited JSON: each line has a row and its table. All lines come from one snapshot of the database."
)
def export(listener_id: str) -> Response:
    """Download everything that is stored about a listener, except tokens."""
    with endpoint().pool.connection() as connection:
        require_listener(connection, listener_id)
    return Response(
        export_lines(endpoint().pool, listener_id),
        mimetype="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="listening_of_{listener_id}.ndjson"'},
    )


@blueprint.post("/listeners/<listener_id>/disconnect")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(DisconnectedOut)
@blueprint.doc(description="Received plays stay. Spotify is not polled for this listener again.")
def end_connection(listener_id: str) -> dict[str, Any]:
    """Delete a listener's tokens and the link to their Spotify account."""
    with endpoint().pool.connection() as connection:
        return {"listener_id": listener_id, "was_connected": disconnect(connection, listener_id)}


@blueprint.delete("/listeners/<listener_id>")
@blueprint.auth_required(listener_or_operator)
@blueprint.input(DeletionIn, location="query", arg_name="query")
@blueprint.output(DeletedOut)
@blueprint.doc(
    description="`origin=api` deletes the polled plays and disconnects the listener. `origin=all` deletes the listener, all their "
    "data and their imports, and stops imports that run, including a first one. The next load deletes the same from the main "
    "database, and CDC from the replica."
)
def delete(listener_id: str, query: DeletionIn) -> dict[str, Any]:
    """Delete a listener, or only the plays that were polled from Spotify."""
    if query.origin == "all":
        return {"listener_id": listener_id, "origin": "all", "rows_deleted": delete_everything(listener_id)}
    with endpoint().pool.connection() as connection:
        return {"listener_id": listener_id, "origin": "api", "rows_deleted": delete_polled(connection, listener_id)}


def delete_everything(listener_id: str) -> int:
    """Delete a listener with all their data and imports, and sign them out. Return the number of received rows. Raises NotFound."""
    with endpoint().pool.connection() as connection:
        deletion = delete_listener(connection, listener_id)
    uploads.discard(deletion.files)
    if session.get("listener_id") == listener_id:
        session.clear()
    return deletion.row_count
