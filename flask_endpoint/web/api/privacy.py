"""A listener's own data: all of it in one download, the end of the connection to Spotify, and deletion."""

import json
from collections.abc import Iterator
from typing import Any

from apiflask import APIBlueprint
from flask import Response, session

from flask_endpoint.errors import NotFound
from flask_endpoint.imports import uploads
from flask_endpoint.reconciliation.forget import delete_listeners, delete_polled, disconnect
from flask_endpoint.web.api.schemas import DeletedOut, DisconnectedOut, ForgetIn
from flask_endpoint.web.security import csrf, endpoint, listener_or_operator

# Every table that holds something of a listener, in the order of the download. Tokens are no data of theirs to take along.
HELD = (
    ("raw.listener", "SELECT to_jsonb(t) FROM raw.listener AS t WHERE listener_id = %s"),
    ("vault.account", "SELECT to_jsonb(t) FROM vault.account AS t WHERE listener_id = %s"),
    ("raw.import", "SELECT to_jsonb(t) FROM raw.import AS t WHERE listener_id = %s ORDER BY import_id"),
    ("landing.batch", "SELECT to_jsonb(t) FROM landing.batch AS t WHERE listener_id = %s ORDER BY batch_id"),
    ("raw.coverage", "SELECT to_jsonb(t) FROM raw.coverage AS t WHERE listener_id = %s ORDER BY started_at"),
    (
        "landing.rejected",
        "SELECT to_jsonb(t) FROM landing.rejected AS t JOIN landing.batch AS b USING (batch_id) WHERE b.listener_id = %s",
    ),
    (
        "landing.play",
        "SELECT to_jsonb(t) FROM landing.play AS t JOIN landing.batch AS b USING (batch_id) WHERE b.listener_id = %s",
    ),
    ("raw.play", "SELECT to_jsonb(t) FROM raw.play AS t WHERE listener_id = %s ORDER BY ended_at, play_id"),
)
ROWS_AT_ONCE = 1_000

blueprint = APIBlueprint("privacy", __name__, tag="Privacy")
csrf.exempt(blueprint)


@blueprint.get("/listeners/<listener_id>/export")
@blueprint.auth_required(listener_or_operator)
@blueprint.doc(
    description="One JSON object a line: the table, and a row of it. From one snapshot, whatever is written meanwhile."
)
def export(listener_id: str) -> Response:
    """Everything held of a listener, but for tokens."""
    with endpoint().pool.connection() as connection:
        if connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is None:
            raise NotFound(f"There is no listener {listener_id}.")
    return Response(
        _lines(endpoint().pool, listener_id),
        mimetype="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="listening_of_{listener_id}.ndjson"'},
    )


@blueprint.post("/listeners/<listener_id>/disconnect")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(DisconnectedOut)
def end_connection(listener_id: str) -> dict[str, Any]:
    """Forget a listener's tokens and account; what was received stays, and nothing more is asked."""
    with endpoint().pool.connection() as connection:
        return {"listener_id": listener_id, "was_connected": disconnect(connection, listener_id)}


@blueprint.delete("/listeners/<listener_id>")
@blueprint.auth_required(listener_or_operator)
@blueprint.input(ForgetIn, location="query", arg_name="asked")
@blueprint.output(DeletedOut)
@blueprint.doc(
    description="`origin=api` deletes what Spotify's API gave, and disconnects; `origin=all` the listener. Main and replica follow at the next load."
)
def delete(listener_id: str, asked: ForgetIn) -> dict[str, Any]:
    """Delete what is held of a listener: everything, or what the API gave."""
    if asked.origin == "api":
        with endpoint().pool.connection() as connection:
            return {"listener_id": listener_id, "origin": "api", "rows_deleted": delete_polled(connection, listener_id)}
    return {"listener_id": listener_id, "origin": "all", "rows_deleted": delete_everything(listener_id)}


def delete_everything(listener_id: str) -> int:
    """Delete a listener with all that is theirs, and sign them out; how many received rows there were. Raises NotFound."""
    with endpoint().pool.connection() as connection:
        if connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is None:
            raise NotFound(f"There is no listener {listener_id}.")
        rows, files = delete_listeners(connection, [listener_id])
    uploads.discard(files)
    if session.get("listener_id") == listener_id:
        session.clear()
    return rows


def _lines(pool: Any, listener_id: str) -> Iterator[str]:
    with pool.connection() as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table, query in HELD:
            with connection.cursor(name="held") as rows:
                rows.itersize = ROWS_AT_ONCE
                for (row,) in rows.execute(query, (listener_id,)):
                    yield json.dumps({"table": table, "row": row}, ensure_ascii=False) + "\n"
