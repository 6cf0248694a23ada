"""Handing in exports: by the form on the start page, or over the API; a job imports them."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from flask_endpoint.imports import uploads
from flask_endpoint.imports.records import find_import, list_imports
from flask_endpoint.jobs.queue import queue_import
from flask_endpoint.listeners.listeners import check_listener_id, check_time_zone
from flask_endpoint.reconciliation.undo import undo_import
from flask_endpoint.web.api.schemas import ImportInFullOut, ImportsIn, ImportsOut, Queued, UndoneOut
from flask_endpoint.web.security import csrf, endpoint, for_viewers, operator_only, settings

blueprint = APIBlueprint("imports", __name__, enable_openapi=False)
api = APIBlueprint("v1_imports", __name__, tag="Imports")
csrf.exempt(api)


@blueprint.post("/imports")
@for_viewers
def upload() -> ResponseReturnValue:
    """Take the form's files and come back to the start page."""
    job_id = _queue()
    does = "looks what importing them would do" if uploads.is_dry_run(request.form) else "imports them"
    flash(f"The files are here. Job {job_id} {does}; this page shows what came of it.", "good")
    return redirect(url_for("home.home"), code=303)


@api.post("/imports")
@api.auth_required(operator_only)
@api.output(Queued, status_code=202)
@api.doc(
    description="Import export files: multipart form data with listener_id, files and, for a new listener, time_zone. "
    "With `dry_run=1` the job only says what an import would do."
)
def upload_over_api() -> dict[str, int]:
    return {"job_id": _queue()}


@api.get("/imports")
@api.auth_required(operator_only)
@api.input(ImportsIn, location="query", arg_name="asked")
@api.output(ImportsOut)
def all_imports(asked: ImportsIn) -> dict[str, Any]:
    """The imports, newest first, each with its balance."""
    with endpoint().pool.connection() as connection:
        records = list_imports(connection, asked.listener_id, before=asked.before, limit=asked.rows_to_fetch)
    return asked.page("imports", [asdict(record) for record in records], lambda record: int(record["import_id"]))


@api.get("/imports/<int:import_id>")
@api.auth_required(operator_only)
@api.output(ImportInFullOut)
def one_import(import_id: int) -> dict[str, Any]:
    """An import: its files, its balance, and why rows of it are no plays."""
    with endpoint().pool.connection() as connection:
        record, rejected = find_import(connection, import_id)
    return asdict(record) | {"rejected": [{"reason": reason, "rows": rows} for reason, rows in rejected.items()]}


@api.post("/imports/<int:import_id>/undo")
@api.auth_required(operator_only)
@api.output(UndoneOut)
def undo(import_id: int) -> dict[str, Any]:
    """Take an import back: the plays are then as if it had never been."""
    with endpoint().pool.connection() as connection:
        return asdict(undo_import(connection, import_id))


def _queue() -> int:
    """Check what can be checked now, keep the files, queue the import."""
    listener_id, time_zone = (
        request.form.get("listener_id", "").strip(),
        request.form.get("time_zone", "").strip() or None,
    )
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    paths = uploads.save(settings(), request.files.getlist("files"))
    try:
        kept = [str(path) for path in paths]
        return queue_import(endpoint().jobs, listener_id, kept, time_zone, uploads.is_dry_run(request.form))
    except BaseException:
        uploads.discard(paths)
        raise
