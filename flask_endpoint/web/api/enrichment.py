"""Show the state of enrichment, and start a run."""

from datetime import datetime
from typing import Any

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from flask_endpoint.enrichment.state import Counts, Item, next_items, state_of
from flask_endpoint.jobs.queue import ENRICHMENT, queue_once
from flask_endpoint.web.api.schemas import Queued
from flask_endpoint.web.security import csrf, endpoint, operator_only, settings

SHOWN_NEXT = 10  # items

blueprint = APIBlueprint("enrichment", __name__, tag="Spotify")
csrf.exempt(blueprint)


class EnrichmentOut(BaseModel):
    """The state of enrichment. A track's album and artists join the queue when the track is known."""

    tracks: Counts
    albums: Counts
    artists: Counts
    calls_today: int = Field(description="All calls to Spotify's catalog in the last 24 hours.")
    calls_per_day: int = Field(description="The budget.")
    calls_per_minute: int | None = Field(description="The limit; null without a limit.")
    days_left: int | None = Field(
        description="Days until all waiting items are fetched: 0 if today's calls are enough, null if no calls are allowed."
    )
    paused_until: datetime | None = Field(description="When the pause ends; null if there is no pause.")
    reason: str | None = Field(description="Why enrichment is paused.")
    next: list[Item] = Field(description="The next items to fetch, the most played first.")


@blueprint.get("/enrichment")
@blueprint.auth_required(operator_only)
@blueprint.output(EnrichmentOut)
def state() -> dict[str, Any]:
    """Return the numbers of known and waiting items, the budget of calls, the pause, and the next items."""
    with endpoint().pool.connection() as connection:
        current = state_of(connection, settings())
        upcoming = next_items(connection, SHOWN_NEXT)
    return {
        "tracks": current.tracks,
        "albums": current.albums,
        "artists": current.artists,
        "calls_today": current.budget.spent,
        "calls_per_day": current.budget.per_day,
        "calls_per_minute": current.per_minute or None,
        "days_left": current.days_left,
        "paused_until": current.paused_until,
        "reason": current.reason,
        "next": upcoming,
    }


@blueprint.post("/enrichment")
@blueprint.auth_required(operator_only)
@blueprint.output(Queued, status_code=202)
def start() -> dict[str, int]:
    """Queue a job that requests items until the queue is empty or the budget is spent. If such a job is queued already, return it."""
    with endpoint().pool.connection() as connection:
        return {"job_id": queue_once(endpoint().jobs, connection, ENRICHMENT)}
