"""Promoting a batch that passed the gate."""

from dataclasses import asdict

from apiflask import APIBlueprint

from flask_endpoint.errors import GateRefused
from flask_endpoint.promotion import promote
from flask_endpoint.routes.schemas import BalanceOut
from flask_endpoint.security import csrf, endpoint, operator_only

FAILED_CHECKS = (
    "SELECT check_name FROM landing.check_result WHERE batch_id = %s AND outcome = 'fail' ORDER BY check_name"
)

blueprint = APIBlueprint("batches", __name__, tag="Batches")
csrf.exempt(blueprint)


@blueprint.post("/batches/<int:batch_id>/promote")
@blueprint.auth_required(operator_only)
@blueprint.output(BalanceOut)
def promote_batch(batch_id: int) -> dict[str, int]:
    """Bring a landed batch's rows to raw and compute the listener's plays; promoting it again changes nothing."""
    with endpoint().pool.connection() as connection:
        failed = [name for (name,) in connection.execute(FAILED_CHECKS, (batch_id,))]
        if failed:
            raise GateRefused(f"Batch {batch_id} did not pass the gate: {', '.join(failed)}.")
        balance = promote(connection, batch_id)
    return {"batch_id": batch_id, **asdict(balance)}
