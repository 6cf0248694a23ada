"""Routes that show jobs and cancel them."""

from typing import Any

from apiflask import APIBlueprint

from flask_endpoint.jobs.cancelling import cancel_job
from flask_endpoint.jobs.queue import Job, find_job, list_jobs
from flask_endpoint.web.paging import PageIn, PageOut
from flask_endpoint.web.security import OPERATOR, csrf, endpoint, listener_or_operator, operator_only

blueprint = APIBlueprint("jobs", __name__, tag="Jobs")
csrf.exempt(blueprint)


class JobsOut(PageOut[int]):
    jobs: list[Job]


@blueprint.get("/jobs")
@blueprint.auth_required(operator_only)
@blueprint.input(PageIn[int], location="query", arg_name="query")
@blueprint.output(JobsOut)
def all_jobs(query: PageIn[int]) -> dict[str, Any]:
    """List the requested jobs of the last 30 days, newest first."""
    with endpoint().pool.connection() as connection:
        fetched = list_jobs(connection, query.before, query.rows_to_fetch)
    return query.page("jobs", fetched, lambda job: job.job_id)


@blueprint.get("/jobs/<int:job_id>")
@blueprint.auth_required(operator_only)
@blueprint.output(Job)
def job(job_id: int) -> Job:
    """Return a job's status, its progress while it runs, and its result when it has finished."""
    with endpoint().pool.connection() as connection:
        return find_job(connection, job_id)


@blueprint.post("/jobs/<int:job_id>/cancel")
@blueprint.auth_required(listener_or_operator)
@blueprint.output(Job)
@blueprint.doc(
    description="A queued job leaves the queue. A running import, catalog file or enrichment ends within seconds; an import or a "
    "catalog file then leaves nothing behind. A finished job stays as it is, so the request can be repeated. A listener can cancel "
    "their own imports."
)
def cancel(job_id: int) -> Job:
    """Cancel a job. The answer shows the job, which may still be running for a moment."""
    user = str(listener_or_operator.current_user)
    return cancel_job(endpoint(), job_id, listener_id=None if user == OPERATOR else user)
