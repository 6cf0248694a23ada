"""Batches: which there are, promoting one that passed the gate, setting one aside that never will."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint
from psycopg import Connection
from psycopg.rows import dict_row

from flask_endpoint.errors import BadInput, Conflict, GateRefused
from flask_endpoint.reconciliation.promote import Batch, locked_batch, promote
from flask_endpoint.reconciliation.refuse import refuse, reopen
from flask_endpoint.web.api.schemas import BalanceOut, BatchesIn, BatchesOut, BatchOut, RefusalIn
from flask_endpoint.web.security import csrf, endpoint, operator_only

VERDICTS = "SELECT check_name, outcome FROM landing.check_result WHERE batch_id = %s ORDER BY check_name"
BATCHES = """
    SELECT b.batch_id, b.listener_id, b.kind, b.import_id, b.status, coalesce(b.reason, i.reason) AS reason, b.landed_at, b.finished_at,
        b.rows_landed, b.rows_refused, b.rows_added, b.rows_matched, b.rows_repeated, b.rows_rejected, b.has_gap,
        ARRAY (SELECT c.check_name FROM landing.check_result AS c WHERE c.batch_id = b.batch_id AND c.outcome = 'fail' ORDER BY 1)
            AS failed_checks
    FROM landing.batch AS b
    LEFT JOIN raw.import AS i USING (import_id)
    WHERE b.listener_id = coalesce(%(listener_id)s, b.listener_id) AND b.status = coalesce(%(status)s, b.status)
      AND b.batch_id < coalesce(%(before)s, 9223372036854775807) AND b.batch_id = coalesce(%(batch_id)s, b.batch_id)
    ORDER BY b.batch_id DESC
    LIMIT %(limit)s
"""

blueprint = APIBlueprint("batches", __name__, tag="Batches")
csrf.exempt(blueprint)


@blueprint.get("/batches")
@blueprint.auth_required(operator_only)
@blueprint.input(BatchesIn, location="query", arg_name="asked")
@blueprint.output(BatchesOut)
def all_batches(asked: BatchesIn) -> dict[str, Any]:
    """The batches, newest first, with the checks that they failed."""
    with endpoint().pool.connection() as connection:
        fetched = _batches(connection, **asked.model_dump() | {"limit": asked.rows_to_fetch})
    return asked.page("batches", fetched, lambda batch: int(batch["batch_id"]))


@blueprint.post("/batches/<int:batch_id>/promote")
@blueprint.auth_required(operator_only)
@blueprint.output(BalanceOut)
def promote_batch(batch_id: int) -> dict[str, int]:
    """Bring the rows of a poll that passed the gate to raw and compute the listener's plays; promoting it again changes nothing."""
    with endpoint().pool.connection() as connection:
        batch = locked_batch(connection, batch_id)
        if batch.kind != "poll":
            raise Conflict(
                f"Batch {batch_id} is of import {batch.import_id}: an import is promoted by its own job, after its own gate."
            )
        _expect_passed(connection, batch)
        balance = promote(connection, batch_id)
    return {"batch_id": batch_id, **asdict(balance)}


@blueprint.post("/batches/<int:batch_id>/refuse")
@blueprint.auth_required(operator_only)
@blueprint.input(RefusalIn, arg_name="refusal")
@blueprint.output(BatchOut)
def refuse_batch(batch_id: int, refusal: RefusalIn) -> dict[str, Any]:
    """Set aside a poll that the gate will not pass: its rows stay in landing, and no sync brings them again."""
    reason = refusal.reason.strip()
    if not reason:
        raise BadInput("Say why the batch is refused: `reason` is blank.")
    with endpoint().pool.connection() as connection:
        refuse(connection, batch_id, reason)
        return _batches(connection, batch_id=batch_id)[0]


@blueprint.post("/batches/<int:batch_id>/reopen")
@blueprint.auth_required(operator_only)
@blueprint.output(BatchOut)
def reopen_batch(batch_id: int) -> dict[str, Any]:
    """Bring back a poll that was set aside: the next run checks it again."""
    with endpoint().pool.connection() as connection:
        reopen(connection, batch_id)
        return _batches(connection, batch_id=batch_id)[0]


def _expect_passed(connection: Connection, batch: Batch) -> None:
    """Raise GateRefused when a check failed, Conflict when none was made."""
    verdicts = connection.execute(VERDICTS, (batch.batch_id,)).fetchall()
    failed = [name for name, outcome in verdicts if outcome == "fail"]
    if failed:
        raise GateRefused(f"Batch {batch.batch_id} did not pass the gate: {', '.join(failed)}.")
    if not verdicts and batch.status == "landed":
        raise Conflict(f"Batch {batch.batch_id} has not been checked: the gate comes first (the next hourly run).")


def _batches(connection: Connection, **asked: Any) -> list[dict[str, Any]]:
    wanted = {"batch_id": None, "listener_id": None, "status": None, "before": None, "limit": 1} | asked
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(BATCHES, wanted).fetchall()
