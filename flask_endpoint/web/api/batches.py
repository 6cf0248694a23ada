"""Routes for batches: list them, promote a poll that passed the gate, refuse one that never will, and reopen it."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from apiflask import APIBlueprint
from psycopg import Connection
from pydantic import BaseModel, Field
from sqlalchemy import func, select

from flask_endpoint.errors import BadInput, Conflict, GateRefused
from flask_endpoint.queries import fetch_records, source_table
from flask_endpoint.reconciliation.promote import Batch, locked_batch, promote
from flask_endpoint.reconciliation.refuse import refuse, reopen
from flask_endpoint.web.api.schemas import WITHOUT_NUL
from flask_endpoint.web.paging import PageIn, PageOut
from flask_endpoint.web.security import csrf, endpoint, operator_only

CHECK_RESULTS = "SELECT check_name, outcome FROM landing.check_result WHERE batch_id = %s ORDER BY check_name"

blueprint = APIBlueprint("batches", __name__, tag="Batches")
csrf.exempt(blueprint)

Status = Literal["landed", "promoted", "refused", "undone"]


class BatchRecord(BaseModel):
    """One poll or import. The counts of added, matched, repeated and rejected rows are null until it is promoted."""

    batch_id: int
    listener_id: str
    kind: Literal["poll", "import"]
    import_id: int | None
    status: Status
    reason: str | None = Field(description="Why the batch was refused.")
    landed_at: datetime
    finished_at: datetime | None
    rows_landed: int
    rows_refused: int
    rows_added: int | None
    rows_matched: int | None
    rows_repeated: int | None
    rows_rejected: int | None
    has_gap: bool = Field(description="Whether plays may be missing before this poll.")
    failed_checks: list[str]


BATCH = source_table("landing", "batch", BatchRecord.model_fields.keys() - {"failed_checks"})
IMPORT = source_table("raw", "import", ["import_id", "reason"])
CHECK_RESULT = source_table("landing", "check_result", ["batch_id", "check_name", "outcome"])
FAILED_CHECKS = (
    select(CHECK_RESULT.c.check_name)
    .where(CHECK_RESULT.c.batch_id == BATCH.c.batch_id, CHECK_RESULT.c.outcome == "fail")
    .order_by(CHECK_RESULT.c.check_name)
)
SELECT_BATCHES = select(
    *(column for column in BATCH.c if column.name != "reason"),
    func.coalesce(BATCH.c.reason, IMPORT.c.reason).label("reason"),
    func.array(FAILED_CHECKS.scalar_subquery()).label("failed_checks"),
).select_from(BATCH.outerjoin(IMPORT, BATCH.c.import_id == IMPORT.c.import_id))


class BatchesIn(PageIn[int]):
    listener_id: str | None = Field(None, description="Only this listener's batches.")
    status: Status | None = Field(None, description="Only batches with this status.")


class BatchesOut(PageOut[int]):
    batches: list[BatchRecord]


class RefusalIn(BaseModel):
    reason: str = Field(
        min_length=1,
        max_length=500,
        pattern=WITHOUT_NUL,
        description="Why the batch is refused; stored with the batch.",
    )


class BalanceOut(BaseModel):
    """The row counts of a promoted batch: the last four add up to `rows_read`."""

    batch_id: int
    rows_read: int
    rows_added: int
    rows_matched: int
    rows_repeated: int
    rows_rejected: int


@blueprint.get("/batches")
@blueprint.auth_required(operator_only)
@blueprint.input(BatchesIn, location="query", arg_name="query")
@blueprint.output(BatchesOut)
def all_batches(query: BatchesIn) -> dict[str, Any]:
    """List the batches with their failed checks, newest first."""
    with endpoint().pool.connection() as connection:
        fetched = _batches(connection, **query.model_dump() | {"limit": query.rows_to_fetch})
    return query.page("batches", fetched, lambda batch: batch.batch_id)


@blueprint.post("/batches/<int:batch_id>/promote")
@blueprint.auth_required(operator_only)
@blueprint.output(BalanceOut)
@blueprint.doc(
    description="Adds the poll's rows to `raw` and recomputes the listener's plays. For a promoted batch this is a no-op."
)
def promote_batch(batch_id: int) -> dict[str, int]:
    """Promote a poll that passed the gate."""
    with endpoint().pool.connection() as connection:
        batch = locked_batch(connection, batch_id)
        if batch.kind != "poll":
            raise Conflict(
                f"Batch {batch_id} belongs to import {batch.import_id}. The import's own job promotes it after the gate."
            )
        _check_gate_passed(connection, batch)
        balance = promote(connection, batch_id)
    return {"batch_id": batch_id, **asdict(balance)}


@blueprint.post("/batches/<int:batch_id>/refuse")
@blueprint.auth_required(operator_only)
@blueprint.input(RefusalIn, arg_name="refusal")
@blueprint.output(BatchRecord)
@blueprint.doc(description="Its rows stay in `landing`, and no later sync lands them again.")
def refuse_batch(batch_id: int, refusal: RefusalIn) -> BatchRecord:
    """Refuse a poll that cannot pass the gate."""
    reason = refusal.reason.strip()
    if not reason:
        raise BadInput("`reason` is blank. Say why the batch is refused.")
    with endpoint().pool.connection() as connection:
        refuse(connection, batch_id, reason)
        return _batches(connection, batch_id=batch_id)[0]


@blueprint.post("/batches/<int:batch_id>/reopen")
@blueprint.auth_required(operator_only)
@blueprint.output(BatchRecord)
@blueprint.doc(description="The next run of the pipeline checks it again.")
def reopen_batch(batch_id: int) -> BatchRecord:
    """Reopen a refused poll."""
    with endpoint().pool.connection() as connection:
        reopen(connection, batch_id)
        return _batches(connection, batch_id=batch_id)[0]


def _check_gate_passed(connection: Connection, batch: Batch) -> None:
    """Raise GateRefused if the batch failed a check, and Conflict if a landed batch has not been checked."""
    results = connection.execute(CHECK_RESULTS, (batch.batch_id,)).fetchall()
    failed = [name for name, outcome in results if outcome == "fail"]
    if failed:
        raise GateRefused(f"Batch {batch.batch_id} did not pass the gate. Failed checks: {', '.join(failed)}.")
    if not results and batch.status == "landed":
        raise Conflict(f"Batch {batch.batch_id} has not been checked. The next hourly run of the pipeline checks it.")


def _batches(
    connection: Connection, *, before: int | None = None, limit: int = 1, **equal: object
) -> list[BatchRecord]:
    """Return batches, newest first. `equal` gives columns of landing.batch and their values; None means any value."""
    query = SELECT_BATCHES.order_by(BATCH.c.batch_id.desc()).limit(limit)
    if before is not None:
        query = query.where(BATCH.c.batch_id < before)
    for name, value in equal.items():
        if value is not None:
            query = query.where(BATCH.c[name] == value)
    return fetch_records(connection, query, BatchRecord)
