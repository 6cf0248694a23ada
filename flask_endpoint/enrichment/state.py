"""How enrichment stands: what is known and what waits, what of the budget is spent, and until when nothing is asked."""

from dataclasses import dataclass, field
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from flask_endpoint.settings import Settings
from flask_endpoint.spotify.budget import Budget, budget_of
from flask_endpoint.spotify.pauses import pause_of

COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'known') AS known, count(*) FILTER (WHERE state = 'waiting') AS waiting,
        count(*) FILTER (WHERE state = 'failed') AS failed
    FROM (VALUES ('track'), ('album'), ('artist')) AS kind (item_kind) LEFT JOIN raw.enrichment USING (item_kind)
    GROUP BY item_kind ORDER BY item_kind DESC
"""
NEXT = """
    SELECT item_kind, item_id, play_count FROM raw.enrichment WHERE state = 'waiting'
    ORDER BY play_count DESC, item_kind DESC, item_id LIMIT %s
"""


@dataclass(frozen=True)
class Item:
    """A track, album or artist that waits."""

    item_kind: str
    item_id: str
    play_count: int = field(compare=False)


@dataclass(frozen=True)
class Counts:
    """Of one kind of item: `known` were asked about, `waiting` are in the queue, `failed` are asked about again later."""

    known: int
    waiting: int
    failed: int


@dataclass(frozen=True)
class EnrichmentState:
    """`paused_until` is None while Spotify may be asked, and where ENRICHMENT_PER_DAY forbids it for good; `reason` says why."""

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
        """Days until all that waits now was asked about, begun ones whole: 0 when today's calls are enough, None without any."""
        if self.waiting <= self.budget.left:
            return 0
        return -(-self.waiting // self.budget.per_day) if self.budget.per_day else None


def next_items(connection: Connection, most: int) -> list[Item]:
    """What to ask about next, the most played first."""
    with connection.cursor(row_factory=class_row(Item)) as cursor:
        return cursor.execute(NEXT, (most,)).fetchall()


def state_of(connection: Connection, settings: Settings) -> EnrichmentState:
    """Look at the queue, the calls made and the pause."""
    per_minute, per_day = settings.enrichment_budget
    with connection.cursor(row_factory=class_row(Counts)) as cursor:
        tracks, artists, albums = cursor.execute(COUNTS).fetchall()
    budget = budget_of(connection, per_day)
    pause = pause_of(connection, "catalogue")
    until, reason = (pause.until, pause.message) if pause else (budget.free_at, budget.refusal)
    return EnrichmentState(tracks, albums, artists, budget, per_minute, until, reason)
