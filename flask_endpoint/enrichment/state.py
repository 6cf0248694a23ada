"""The state of enrichment: known and waiting items, the budget of calls, and a pause."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from psycopg import Connection
from psycopg.rows import class_row

from flask_endpoint.settings import Settings
from flask_endpoint.spotify.budget import Budget, budget_of
from flask_endpoint.spotify.pauses import pause_of

# In order of kind: track, artist, album.
COUNTS = """
    SELECT coalesce(t.known_count, 0) AS known, coalesce(t.item_count - t.known_count - f.failed, 0) AS waiting, f.failed
    FROM (VALUES ('track'), ('album'), ('artist')) AS kind (item_kind)
    LEFT JOIN raw.enrichment_total AS t USING (item_kind)
    CROSS JOIN LATERAL (
        SELECT count(*) AS failed
        FROM raw.unavailable AS u
        JOIN raw.enrichment_item AS i USING (item_kind, item_id)
        WHERE u.item_kind = kind.item_kind AND u.retry_at > now() AND NOT i.is_known
    ) AS f
    ORDER BY item_kind DESC
"""
# A partial index has the unknown items in this order, so that a round reads only the first ones.
NEXT = """
    SELECT item_kind, item_id, play_count
    FROM raw.enrichment_item AS i
    WHERE NOT is_known AND NOT EXISTS (
        SELECT FROM raw.unavailable AS u
        WHERE u.item_kind = i.item_kind AND u.item_id = i.item_id AND u.retry_at > now()
    )
    ORDER BY play_count DESC, item_kind DESC, item_id LIMIT %s
"""


@dataclass(frozen=True)
class Item:
    """A track, album or artist in the queue."""

    item_kind: Literal["track", "album", "artist"]
    item_id: str
    play_count: int = field(compare=False)


@dataclass(frozen=True)
class Counts:
    """Numbers of items of one kind: `known` have details, `waiting` are in the queue, `failed` are retried later."""

    known: int
    waiting: int
    failed: int


@dataclass(frozen=True)
class EnrichmentState:
    """Counts by kind, the budget, and a pause with its reason.

    `paused_until` is None without a pause, and when ENRICHMENT_PER_DAY is 0, because that pause has no end.
    """

    tracks: Counts
    albums: Counts
    artists: Counts
    budget: Budget
    per_minute: int
    paused_until: datetime | None
    reason: str | None

    @property
    def waiting(self) -> int:
        return self.tracks.waiting + self.albums.waiting + self.artists.waiting

    @property
    def days_left(self) -> int | None:
        """Return the days until the queue is empty, rounded up: 0 when today's calls are enough, None when no calls are allowed."""
        if self.waiting <= self.budget.left:
            return 0
        return -(-self.waiting // self.budget.per_day) if self.budget.per_day else None


def next_items(connection: Connection, most: int) -> list[Item]:
    """Return at most `most` waiting items, the most played first."""
    with connection.cursor(row_factory=class_row(Item)) as cursor:
        return cursor.execute(NEXT, (most,)).fetchall()


def state_of(connection: Connection, settings: Settings) -> EnrichmentState:
    """Read the counts of the queue, the budget and the pause."""
    per_minute, per_day = settings.enrichment_budget
    with connection.cursor(row_factory=class_row(Counts)) as cursor:
        tracks, artists, albums = cursor.execute(COUNTS).fetchall()
    budget = budget_of(connection, per_day)
    pause = pause_of(connection, "catalogue")  # the stored name of the pause
    until, reason = (pause.until, pause.message) if pause else (budget.free_at, budget.refusal)
    return EnrichmentState(tracks, albums, artists, budget, per_minute, until, reason)
