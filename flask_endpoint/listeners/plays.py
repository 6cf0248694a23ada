"""Read the stored plays of a listener."""

from datetime import datetime
from typing import Literal

from psycopg import Connection
from pydantic import BaseModel, Field
from sqlalchemy import select, tuple_

from flask_endpoint.listeners.listeners import require_listener
from flask_endpoint.queries import fetch_records, source_table


class StoredPlay(BaseModel):
    """A play after reconciliation, with its own ids."""

    play_id: str
    ended_at: datetime
    ms_played: int | None = Field(description="Milliseconds; null if Spotify did not give them.")
    kind: Literal["track", "episode", "chapter"]
    track_id: str
    artist_id: str | None
    album_id: str | None
    track_title: str | None
    artist_name: str | None
    album_title: str | None
    is_private: bool = Field(description="Whether the play happened in a private session.")
    origin: Literal["extended", "account", "api"] = Field(description="The richest origin that the play came from.")


PLAY = source_table("raw", "play", [*StoredPlay.model_fields, "listener_id"])


def list_plays(
    connection: Connection, listener_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[StoredPlay]:
    """Return at most `limit` plays, latest first, that precede `before`, the end and id of a play. Raises NotFound."""
    require_listener(connection, listener_id)
    query = (
        select(*(PLAY.c[name] for name in StoredPlay.model_fields))
        .where(PLAY.c.listener_id == listener_id)
        .order_by(PLAY.c.ended_at.desc(), PLAY.c.play_id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(PLAY.c.ended_at, PLAY.c.play_id) < before)
    return fetch_records(connection, query, StoredPlay)
