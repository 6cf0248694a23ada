"""Read the stored plays of a listener."""

from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel, Field

from flask_endpoint.listeners.listeners import require_listener

PLAYS = """
    SELECT play_id, ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, is_private, origin
    FROM raw.play
    WHERE listener_id = %(listener_id)s AND (%(ended_at)s::timestamptz IS NULL OR (ended_at, play_id) < (%(ended_at)s, %(play_id)s))
    ORDER BY ended_at DESC, play_id DESC
    LIMIT %(limit)s
"""


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


def list_plays(
    connection: Connection, listener_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[StoredPlay]:
    """Return at most `limit` plays, latest first, that precede `before`, the end and id of a play. Raises NotFound."""
    require_listener(connection, listener_id)
    ended_at, play_id = before or (None, "")
    with connection.cursor(row_factory=class_row(StoredPlay)) as cursor:
        return cursor.execute(
            PLAYS, {"listener_id": listener_id, "ended_at": ended_at, "play_id": play_id, "limit": limit}
        ).fetchall()
