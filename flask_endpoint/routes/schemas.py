"""What the API answers, field by field; an answer that differs fails instead of leaking."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel


class Queued(BaseModel):
    job_id: int


class JobOut(BaseModel):
    job_id: int
    status: Literal["queued", "running", "succeeded", "failed"]
    result: dict[str, Any] | None


class BalanceOut(BaseModel):
    batch_id: int
    rows_read: int
    rows_added: int
    rows_matched: int
    rows_repeated: int
    rows_rejected: int


TokenState = Literal["connected", "reconnect", "none"]


class ListenerOut(BaseModel):
    listener_id: str
    display_name: str
    time_zone: str
    is_simulated: bool
    version: int
    token_state: TokenState


class ListenersOut(BaseModel):
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
    consent_age_days: int | None


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
