"""How a job stands."""

from typing import Any

from apiflask import APIBlueprint

from flask_endpoint.jobs import find_job
from flask_endpoint.routes.schemas import JobOut
from flask_endpoint.security import csrf, endpoint, operator_only

blueprint = APIBlueprint("jobs", __name__, tag="Jobs")
csrf.exempt(blueprint)


@blueprint.get("/jobs/<int:job_id>")
@blueprint.auth_required(operator_only)
@blueprint.output(JobOut)
def job(job_id: int) -> dict[str, Any]:
    """A job's status, how far it is while it runs and, once it ended, its result."""
    with endpoint().pool.connection() as connection:
        found = find_job(connection, job_id)
    return {"job_id": found.job_id, "status": found.status, "progress": found.progress, "result": found.result}
