"""What the API answers, field by field; an answer that differs fails instead of leaking."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from flask_endpoint.web.paging import PageIn, PageOut

WITHOUT_NUL = r"^[^\x00]*$"  # PostgreSQL's text takes none.


class Queued(BaseModel):
    job_id: int


class ProgressOut(BaseModel):
    """While files are read: which one, the rows and (about) the bytes so far, of all files."""

    stage: str
    file: str
    rows: int
    bytes_read: int
    bytes_total: int


class JobOut(BaseModel):
    job_id: int
    task: str
    status: Literal["queued", "running", "succeeded", "failed"]
    progress: ProgressOut | None = Field(description="While it runs, of a job that reads files.")
    result: dict[str, Any] | None
    since: datetime | None = Field(description="When it came to this status.")


class JobsOut(PageOut[int]):
    jobs: list[JobOut]


class BatchOut(BaseModel):
    """One poll or import; the balance is null until it is promoted."""

    batch_id: int
    listener_id: str
    kind: Literal["poll", "import"]
    import_id: int | None
    status: Literal["landed", "promoted", "refused", "undone"]
    reason: str | None
    landed_at: datetime
    finished_at: datetime | None
    rows_landed: int
    rows_refused: int
    rows_added: int | None
    rows_matched: int | None
    rows_repeated: int | None
    rows_rejected: int | None
    has_gap: bool
    failed_checks: list[str]


class BatchesOut(PageOut[int]):
    batches: list[BatchOut]


class BatchesIn(PageIn[int]):
    listener_id: str | None = None
    status: Literal["landed", "promoted", "refused", "undone"] | None = None


class RefusalIn(BaseModel):
    reason: str = Field(
        min_length=1, max_length=500, pattern=WITHOUT_NUL, description="Why the batch is set aside; kept with it."
    )


class BalanceOut(BaseModel):
    batch_id: int
    rows_read: int
    rows_added: int
    rows_matched: int
    rows_repeated: int
    rows_rejected: int


TokenState = Literal["connected", "reconnect", "none"]


class ListenerIn(BaseModel):
    """What may be changed of a listener."""

    model_config = ConfigDict(extra="forbid")

    display_name: str | None = Field(None, min_length=1, max_length=200, pattern=WITHOUT_NUL)
    time_zone: str | None = Field(None, max_length=200, description="An IANA name, such as Europe/Madrid.")
    counts_private: bool | None = Field(
        None, description="Whether plays of private sessions are counted like any other."
    )


class ListenerOut(BaseModel):
    listener_id: str
    display_name: str
    time_zone: str
    counts_private: bool
    is_simulated: bool
    version: int
    token_state: TokenState
    consent_ends_at: datetime | None
    ends_soon: bool


class ListenersOut(PageOut[str]):
    listeners: list[ListenerOut]


class TokenOut(BaseModel):
    """The state of a consent. Never the token."""

    listener_id: str
    state: TokenState
    reason: str | None
    scope: str | None
    expires_at: datetime | None
    authorized_at: datetime | None
    consent_ends_at: datetime | None
    ends_soon: bool
    consent_age_days: int | None


class ImportsIn(PageIn[int]):
    listener_id: str | None = None


class ImportOut(BaseModel):
    import_id: int
    listener_id: str
    started_at: datetime
    finished_at: datetime | None
    status: Literal["running", "landed", "promoted", "refused", "undone"]
    files: list[str]
    rows_read: int | None
    rows_added: int | None
    rows_matched: int | None
    rows_repeated: int | None
    rows_rejected: int | None
    reason: str | None


class RejectionOut(BaseModel):
    reason: str
    rows: int


class ImportInFullOut(ImportOut):
    """An import with why rows of it are no plays; of an undone one that is not kept."""

    rejected: list[RejectionOut]


class ImportsOut(PageOut[int]):
    imports: list[ImportOut]


class UndoneOut(BaseModel):
    import_id: int
    listener_id: str
    rows_removed: int
    plays_before: int
    plays_after: int


class HeldPlaysIn(PageIn[str]):
    limit: int = Field(100, ge=1, le=1000)


class HeldPlayOut(BaseModel):
    """A play as reconciled, under its own ids."""

    play_id: str
    ended_at: datetime
    ms_played: int | None
    kind: Literal["track", "episode", "chapter"]
    track_id: str
    artist_id: str | None
    album_id: str | None
    track_title: str | None
    artist_name: str | None
    album_title: str | None
    is_private: bool
    origin: Literal["extended", "account", "api"]


class HeldPlaysOut(PageOut[str]):
    listener_id: str
    plays: list[HeldPlayOut]


class DisconnectedOut(BaseModel):
    listener_id: str
    was_connected: bool


class ForgetIn(BaseModel):
    origin: Literal["api", "all"] = Field(description="What to delete; there is no default.")


class DeletedOut(BaseModel):
    listener_id: str
    origin: Literal["api", "all"]
    rows_deleted: int


class RotatedOut(BaseModel):
    tokens: int


class SpanOut(BaseModel):
    started_at: datetime
    ended_at: datetime
    basis: Literal["polled", "export", "partly"]


class GapOut(BaseModel):
    started_at: datetime
    ended_at: datetime
    reason: str


class CoverageOut(BaseModel):
    listener_id: str
    spans: list[SpanOut]
    gaps: list[GapOut]


class ItemCountsOut(BaseModel):
    """Of one kind: `known` were asked about, `waiting` are in the queue, `failed` could not be had and are asked about later."""

    known: int
    waiting: int
    failed: int


class NextItemOut(BaseModel):
    item_kind: Literal["track", "album", "artist"]
    item_id: str
    play_count: int


class EnrichmentOut(BaseModel):
    """How asking Spotify about tracks, albums and artists stands. A track's album and artists join the queue once it is known."""

    tracks: ItemCountsOut
    albums: ItemCountsOut
    artists: ItemCountsOut
    calls_today: int = Field(description="Calls in the last 24 hours, a person's too.")
    calls_per_day: int = Field(description="The budget.")
    calls_per_minute: int | None = Field(description="Null: no limit.")
    days_left: int | None = Field(
        description="For what waits now; 0 when today's calls are enough, null when none are allowed."
    )
    paused_until: datetime | None = Field(description="Until when nothing is asked; null while Spotify may be asked.")
    reason: str | None = Field(description="Why nothing is asked.")
    next: list[NextItemOut] = Field(description="What is asked about next, the most played first.")


class PlayOut(BaseModel):
    ended_at: datetime
    track_id: str | None
    title: str | None
    artist_id: str | None
    artist_name: str | None
    album_id: str | None
    album_title: str | None
    context_uri: str | None


class PlaysOut(BaseModel):
    listener_id: str
    plays: list[PlayOut]
