"""How jobs stand."""

from dataclasses import asdict
from typing import Any

from apiflask import APIBlueprint

from flask_endpoint.jobs.queue import find_job, list_jobs
from flask_endpoint.web.api.schemas import JobOut, JobsOut
from flask_endpoint.web.paging import PageIn
from flask_endpoint.web.security import csrf, endpoint, operator_only

blueprint = APIBlueprint("jobs", __name__, tag="Jobs")
csrf.exempt(blueprint)


@blueprint.get("/jobs")
@blueprint.auth_required(operator_only)
@blueprint.input(PageIn[int], location="query", arg_name="asked")
@blueprint.output(JobsOut)
def all_jobs(asked: PageIn[int]) -> dict[str, Any]:
    """The jobs that somebody asked for in the last 30 days, newest first."""
    with endpoint().pool.connection() as connection:
        fetched = [asdict(job) for job in list_jobs(connection, asked.before, asked.rows_to_fetch)]
    return asked.page("jobs", fetched, lambda job: int(job["job_id"]))


@blueprint.get("/jobs/<int:job_id>")
@blueprint.auth_required(operator_only)
@blueprint.output(JobOut)
def job(job_id: int) -> dict[str, Any]:
    """A job's status, how far it is while it runs and, once it ended, its result."""
    with endpoint().pool.connection() as connection:
        return asdict(find_job(connection, job_id))
