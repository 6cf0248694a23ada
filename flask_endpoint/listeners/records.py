"""Read listeners and the state of their Spotify connection."""

from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel, Field
from sqlalchemy import func, literal_column, select

from flask_endpoint.listeners.listeners import listener_not_found
from flask_endpoint.queries import fetch_records, source_table
from flask_endpoint.spotify.token_store import CONSENT_ENDS_AT, ENDS_SOON

CONSENT = f"""
    SELECT l.listener_id, coalesce(t.status, 'none') AS state, t.reason, t.scope, t.expires_at, t.authorized_at,
        {CONSENT_ENDS_AT} AS consent_ends_at, {ENDS_SOON} AS ends_soon,
        floor(extract(epoch FROM now() - t.authorized_at) / 86400)::integer AS consent_age_days
    FROM raw.listener AS l LEFT JOIN vault.token AS t USING (listener_id) WHERE l.listener_id = %s
"""

TokenState = Literal["connected", "reconnect", "none"]


class ListenerRecord(BaseModel):
    """A listener, their settings and the state of their Spotify connection."""

    listener_id: str
    display_name: str
    time_zone: str = Field(description="IANA name.")
    counts_private: bool = Field(description="Whether plays in private sessions are counted.")
    is_simulated: bool
    version: int = Field(description="Increases with each change that the next load must apply.")
    token_state: TokenState = Field(description="`reconnect`: only the listener can renew the connection.")
    consent_ends_at: datetime | None
    ends_soon: bool = Field(description="Whether the consent ends within 30 days.")


LISTENER = source_table(
    "raw", "listener", ["listener_id", "display_name", "time_zone", "counts_private", "is_simulated", "version"]
)
TOKEN = source_table("vault", "token", ["listener_id", "status"]).alias("t")
SELECT_LISTENERS = select(
    *LISTENER.c,
    func.coalesce(TOKEN.c.status, literal_column("'none'")).label("token_state"),
    literal_column(CONSENT_ENDS_AT).label("consent_ends_at"),
    literal_column(ENDS_SOON).label("ends_soon"),
).select_from(LISTENER.outerjoin(TOKEN, LISTENER.c.listener_id == TOKEN.c.listener_id))


class Consent(BaseModel):
    """The state of a listener's Spotify consent, without the tokens."""

    listener_id: str
    state: TokenState = Field(description="`reconnect`: only the listener can renew the connection.")
    reason: str | None = Field(description="Why the listener must connect again.")
    scope: str | None
    expires_at: datetime | None = Field(description="When the access token expires.")
    authorized_at: datetime | None
    consent_ends_at: datetime | None
    ends_soon: bool = Field(description="Whether the consent ends within 30 days.")
    consent_age_days: int | None


def list_listeners(connection: Connection, *, after: str | None, limit: int) -> list[ListenerRecord]:
    """Return at most `limit` listeners in the order of their ids, starting after the id `after`."""
    query = SELECT_LISTENERS.order_by(LISTENER.c.listener_id).limit(limit)
    if after is not None:
        query = query.where(LISTENER.c.listener_id > after)
    return fetch_records(connection, query, ListenerRecord)


def find_listener(connection: Connection, listener_id: str) -> ListenerRecord:
    """Return one listener. Raises NotFound."""
    query = SELECT_LISTENERS.where(LISTENER.c.listener_id == listener_id)
    found = fetch_records(connection, query, ListenerRecord)
    if not found:
        raise listener_not_found(listener_id)
    return found[0]


def find_consent(connection: Connection, listener_id: str) -> Consent:
    """Return the state of a listener's consent. Raises NotFound."""
    with connection.cursor(row_factory=class_row(Consent)) as cursor:
        found = cursor.execute(CONSENT, (listener_id,)).fetchone()
    if found is None:
        raise listener_not_found(listener_id)
    return found
