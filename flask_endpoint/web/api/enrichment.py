"""Enrichment: how the queue stands, and going on with it now."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint

from flask_endpoint.enrichment.state import next_items, state_of
from flask_endpoint.jobs.queue import ENRICHMENT, queue_once
from flask_endpoint.web.api.schemas import EnrichmentOut, Queued
from flask_endpoint.web.security import csrf, endpoint, operator_only, settings

SHOWN = 10  # items that come next

blueprint = APIBlueprint("enrichment", __name__, tag="Spotify")
csrf.exempt(blueprint)


@blueprint.get("/enrichment")
@blueprint.auth_required(operator_only)
@blueprint.output(EnrichmentOut)
def state() -> dict[str, Any]:
    """How many items are known and how many wait, the budget of calls, the pause, and what is asked about next."""
    with endpoint().pool.connection() as connection:
        found = state_of(connection, settings())
        following = next_items(connection, SHOWN)
    return {
        **{kind: asdict(getattr(found, kind)) for kind in ("tracks", "albums", "artists")},
        "calls_today": found.budget.spent,
        "calls_per_day": found.budget.per_day,
        "calls_per_minute": found.per_minute or None,
        "days_left": found.days_left,
        "paused_until": found.paused_until,
        "reason": found.reason,
        "next": [asdict(item) for item in following],
    }


@blueprint.post("/enrichment")
@blueprint.auth_required(operator_only)
@blueprint.output(Queued, status_code=202)
def start() -> dict[str, int]:
    """Queue a job that asks until the queue is empty or the budget is spent; while one waits already, its job is returned."""
    with endpoint().pool.connection() as connection:
        return {"job_id": queue_once(endpoint().jobs, connection, ENRICHMENT)}
