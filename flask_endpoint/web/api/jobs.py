"""Routes that show jobs."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from flask_endpoint.jobs.queue import find_job, list_jobs
from flask_endpoint.web.paging import PageIn, PageOut
from flask_endpoint.web.security import csrf, endpoint, operator_only

blueprint = APIBlueprint("jobs", __name__, tag="Jobs")
csrf.exempt(blueprint)


class ProgressOut(BaseModel):
    """The progress of a job that reads files."""

    stage: str
    file: str = Field(description="The file that is being read; empty after reading.")
    rows: int = Field(description="Rows read so far, of all files.")
    bytes_read: int = Field(description="Estimated bytes read so far, of all files.")
    bytes_total: int


class JobOut(BaseModel):
    """A job and its result."""

    job_id: int
    task: str
    status: Literal["queued", "running", "succeeded", "failed"]
    progress: ProgressOut | None = Field(description="Null unless the job is running and reads files.")
    result: dict[str, Any] | None
    since: datetime | None = Field(description="When the job reached this status.")


class JobsOut(PageOut[int]):
    jobs: list[JobOut]


@blueprint.get("/jobs")
@blueprint.auth_required(operator_only)
@blueprint.input(PageIn[int], location="query", arg_name="query")
@blueprint.output(JobsOut)
def all_jobs(query: PageIn[int]) -> dict[str, Any]:
    """List the requested jobs of the last 30 days, newest first."""
    with endpoint().pool.connection() as connection:
        fetched = [asdict(job) for job in list_jobs(connection, query.before, query.rows_to_fetch)]
    return query.page("jobs", fetched, lambda job: int(job["job_id"]))


@blueprint.get("/jobs/<int:job_id>")
@blueprint.auth_required(operator_only)
@blueprint.output(JobOut)
def job(job_id: int) -> dict[str, Any]:
    """Return a job's status, its progress while it runs, and its result when it has finished."""
    with endpoint().pool.connection() as connection:
        return asdict(find_job(connection, job_id))
