"""Read for which time spans a listener's plays are known, and where plays may be missing."""

from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.rows import class_row
from pydantic import BaseModel, Field

from flask_endpoint.listeners.listeners import require_listener

SPANS = "SELECT started_at, ended_at, basis FROM raw.coverage WHERE listener_id = %s ORDER BY started_at"
# Plays may be missing before a poll that shares no play with earlier polls. They may also be missing where a poll was refused, or
# is still waiting although a later one was promoted. A period that an export covers is not a gap.
GAPS = """
    WITH poll AS (
        SELECT status, has_gap, first_ended_at, last_ended_at, max(last_ended_at) FILTER (WHERE status = 'promoted') OVER earlier AS known_until,
            max(batch_id) FILTER (WHERE status = 'promoted') OVER later IS NOT NULL AS is_passed
        FROM landing.batch
        WHERE listener_id = %(listener_id)s AND kind = 'poll' AND first_ended_at IS NOT NULL
        WINDOW earlier AS (ORDER BY landed_at, batch_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
            later AS (ORDER BY landed_at, batch_id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
    ), gap AS (
        SELECT known_until AS started_at, first_ended_at AS ended_at, 'a poll without a known play' AS reason
        FROM poll WHERE has_gap AND status = 'promoted' AND known_until IS NOT NULL
        UNION ALL
        SELECT first_ended_at, last_ended_at, 'a poll was refused' FROM poll WHERE status = 'refused'
        UNION ALL
        SELECT first_ended_at, last_ended_at, 'a poll waits for the gate' FROM poll WHERE status = 'landed' AND is_passed
    )
    SELECT g.* FROM gap AS g
    WHERE NOT EXISTS (
        SELECT FROM raw.coverage AS c
        WHERE c.listener_id = %(listener_id)s AND c.basis = 'export' AND c.started_at <= g.started_at AND c.ended_at >= g.ended_at
    )
    ORDER BY g.started_at
"""


class Span(BaseModel):
    """A time span for which the listener's plays are known."""

    started_at: datetime
    ended_at: datetime
    basis: Literal["polled", "export", "partly"] = Field(
        description="`polled`: polls without a gap. `export`: a complete export. `partly`: an export with missing files."
    )


class Gap(BaseModel):
    """A time span in which plays may be missing."""

    started_at: datetime
    ended_at: datetime
    reason: str


class Coverage(BaseModel):
    """What is known about a listener's plays. Nothing is known about times outside the spans."""

    listener_id: str
    spans: list[Span] = Field(description="Earliest first.")
    gaps: list[Gap] = Field(description="Earliest first.")


def coverage_of(connection: Connection, listener_id: str) -> Coverage:
    """Return the listener's coverage. Raises NotFound."""
    require_listener(connection, listener_id)
    with connection.cursor(row_factory=class_row(Span)) as cursor:
        spans = cursor.execute(SPANS, (listener_id,)).fetchall()
    with connection.cursor(row_factory=class_row(Gap)) as cursor:
        gaps = cursor.execute(GAPS, {"listener_id": listener_id}).fetchall()
    return Coverage(listener_id=listener_id, spans=spans, gaps=gaps)
