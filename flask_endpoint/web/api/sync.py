"""The route that starts a sync."""

from apiflask import APIBlueprint

from flask_endpoint.jobs.queue import SYNC, queue_once
from flask_endpoint.web.api.schemas import Queued
from flask_endpoint.web.security import csrf, endpoint, operator_only

blueprint = APIBlueprint("sync", __name__, tag="Jobs")
csrf.exempt(blueprint)


@blueprint.post("/sync")
@blueprint.auth_required(operator_only)
@blueprint.output(Queued, status_code=202)
@blueprint.doc(description="If a sync is already waiting, its job is returned.")
def start() -> dict[str, int]:
    """Queue a sync of all connected listeners."""
    with endpoint().pool.connection() as connection:
        return {"job_id": queue_once(endpoint().jobs, connection, SYNC)}
