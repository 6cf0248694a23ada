"""Routes that show jobs."""

from typing import Any

from apiflask import APIBlueprint

from flask_endpoint.jobs.queue import Job, find_job, list_jobs
from flask_endpoint.web.paging import PageIn, PageOut
from flask_endpoint.web.security import csrf, endpoint, operator_only

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
