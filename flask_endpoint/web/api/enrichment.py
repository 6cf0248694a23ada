"""Show the state of enrichment, and start a run."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint

from flask_endpoint.enrichment.state import next_items, state_of
from flask_endpoint.jobs.queue import ENRICHMENT, queue_once
from flask_endpoint.web.api.schemas import EnrichmentOut, Queued
from flask_endpoint.web.security import csrf, endpoint, operator_only, settings

SHOWN_NEXT = 10  # items

blueprint = APIBlueprint("enrichment", __name__, tag="Spotify")
csrf.exempt(blueprint)


@blueprint.get("/enrichment")
@blueprint.auth_required(operator_only)
@blueprint.output(EnrichmentOut)
def state() -> dict[str, Any]:
    """Return the numbers of known and waiting items, the budget of calls, the pause, and the next items."""
    with endpoint().pool.connection() as connection:
        current = state_of(connection, settings())
        upcoming = next_items(connection, SHOWN_NEXT)
    return {
        **{kind: asdict(getattr(current, kind)) for kind in ("tracks", "albums", "artists")},
        "calls_today": current.budget.spent,
        "calls_per_day": current.budget.per_day,
        "calls_per_minute": current.per_minute or None,
        "days_left": current.days_left,
        "paused_until": current.paused_until,
        "reason": current.reason,
        "next": [asdict(item) for item in upcoming],
    }


@blueprint.post("/enrichment")
@blueprint.auth_required(operator_only)
@blueprint.output(Queued, status_code=202)
def start() -> dict[str, int]:
    """Queue a job that requests items until the queue is empty or the budget is spent. If such a job is queued already, return it."""
    with endpoint().pool.connection() as connection:
        return {"job_id": queue_once(endpoint().jobs, connection, ENRICHMENT)}
