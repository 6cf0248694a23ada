"""Schemas that several routes share. The other schemas are next to their routes or, if a query returns them, to the query."""

from pydantic import BaseModel

WITHOUT_NUL = r"^[^\x00]*$"  # PostgreSQL cannot store NUL in text.


class Queued(BaseModel):
    """The job that was queued, or that was already waiting."""

    job_id: int
