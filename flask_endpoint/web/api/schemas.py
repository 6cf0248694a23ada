"""Schemas that several routes share. The other schemas are next to their routes or, if a query returns them, to the query."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

WITHOUT_NUL = r"^[^\x00]*$"  # PostgreSQL cannot store NUL in text.


class Queued(BaseModel):
    """The job that was queued, or that was already waiting."""

    job_id: int


class ItemCountsOut(BaseModel):
    """Counts of one kind of item: answered by Spotify (`known`), queued (`waiting`), and to be retried later (`failed`)."""

    known: int
    waiting: int
    failed: int


class NextItemOut(BaseModel):
    item_kind: Literal["track", "album", "artist"]
    item_id: str
    play_count: int


class EnrichmentOut(BaseModel):
    """The state of enrichment. A track's album and artists join the queue when the track is known."""

    tracks: ItemCountsOut
    albums: ItemCountsOut
    artists: ItemCountsOut
    calls_today: int = Field(description="All calls to Spotify's catalog in the last 24 hours.")
    calls_per_day: int = Field(description="The budget.")
    calls_per_minute: int | None = Field(description="The limit; null without a limit.")
    days_left: int | None = Field(
        description="Days until all waiting items are fetched: 0 if today's calls are enough, null if no calls are allowed."
    )
    paused_until: datetime | None = Field(description="When the pause ends; null if there is no pause.")
    reason: str | None = Field(description="Why enrichment is paused.")
    next: list[NextItemOut] = Field(description="The next items to fetch, the most played first.")
