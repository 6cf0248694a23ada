"""Upload, list and undo imports: the form on the start page, and the API. A job does the import."""

from typing import Any

from apiflask import APIBlueprint
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, Field

from flask_endpoint.imports import uploads
from flask_endpoint.imports.records import ImportRecord, find_import, list_imports
from flask_endpoint.jobs.queue import queue_import
from flask_endpoint.listeners.listeners import check_listener_id, check_time_zone
from flask_endpoint.reconciliation.undo import UndoneImport, undo_import
from flask_endpoint.web.api.schemas import Queued
from flask_endpoint.web.paging import PageIn, PageOut
from flask_endpoint.web.security import csrf, endpoint, for_viewers, operator_only, settings

blueprint = APIBlueprint("imports", __name__, enable_openapi=False)
api = APIBlueprint("v1_imports", __name__, tag="Imports")
csrf.exempt(api)


class ImportsIn(PageIn[int]):
    listener_id: str | None = Field(None, description="Only this listener's imports.")


class RejectionOut(BaseModel):
    reason: str
    rows: int


class ImportDetailsOut(ImportRecord):
    """An import with its rejected rows by reason. The reasons are deleted when the import is undone."""

    rejected: list[RejectionOut]


class ImportsOut(PageOut[int]):
    imports: list[ImportRecord]


@blueprint.post("/imports")
@for_viewers
def upload() -> ResponseReturnValue:
    """Queue the import of the form's files and return to the start page."""
    job_id = _queue_upload()
    action = "checks what importing them would change" if uploads.is_dry_run(request.form) else "imports them"
    flash(f"The files are uploaded. Job {job_id} {action}. This page shows its progress and its result.", "good")
    return redirect(url_for("home.home"), code=303)


@api.post("/imports")
@api.auth_required(operator_only)
@api.output(Queued, status_code=202)
@api.doc(
    description="Send multipart form data with listener_id, files and, for a new listener, time_zone. "
    "With `dry_run=1` the job only reports what the import would change."
)
def upload_over_api() -> dict[str, int]:
    """Import export files."""
    return {"job_id": _queue_upload()}


@api.get("/imports")
@api.auth_required(operator_only)
@api.input(ImportsIn, location="query", arg_name="query")
@api.output(ImportsOut)
def all_imports(query: ImportsIn) -> dict[str, Any]:
    """List the imports with their row counts, newest first."""
    with endpoint().pool.connection() as connection:
        records = list_imports(connection, query.listener_id, before=query.before, limit=query.rows_to_fetch)
    return query.page("imports", records, lambda record: record.import_id)


@api.get("/imports/<int:import_id>")
@api.auth_required(operator_only)
@api.output(ImportDetailsOut)
def one_import(import_id: int) -> dict[str, Any]:
    """Return an import with its files, its row counts, and its rejected rows by reason."""
    with endpoint().pool.connection() as connection:
        record, rejected = find_import(connection, import_id)
    return record.model_dump() | {"rejected": [{"reason": reason, "rows": rows} for reason, rows in rejected.items()]}


@api.post("/imports/<int:import_id>/undo")
@api.auth_required(operator_only)
@api.output(UndoneImport)
def undo(import_id: int) -> UndoneImport:
    """Undo an import: restore the plays as they would be without it."""
    with endpoint().pool.connection() as connection:
        return undo_import(connection, import_id)


def _queue_upload() -> int:
    """Validate the form, store its files and queue the import. Return the job's id."""
    listener_id = request.form.get("listener_id", "").strip()
    time_zone = request.form.get("time_zone", "").strip() or None
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    paths = uploads.save(settings(), request.files.getlist("files"))
    try:
        names = [str(path) for path in paths]
        return queue_import(endpoint().jobs, listener_id, names, time_zone, uploads.is_dry_run(request.form))
    except BaseException:
        uploads.discard(paths)
        raise
