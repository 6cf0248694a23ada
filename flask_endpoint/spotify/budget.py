"""The budget of calls to Spotify's catalogue in any 24 hours, counted in the database: every process and restart shares it.

The calls are counted by the minute. A call that a person makes counts like any other, and is never refused.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from flask_endpoint.database import only_row

COUNT = """
    INSERT INTO raw.catalog_calls AS c (minute, call_count) VALUES (date_trunc('minute', now()), 1)
    ON CONFLICT (minute) DO UPDATE SET call_count = c.call_count + 1
"""
FORGET = "DELETE FROM raw.catalog_calls WHERE minute < now() - interval '2 days'"
# A minute's calls are free again 24 hours after its end. Then the later ones are left: fewer than the budget, and it goes on.
SPENT = """
    WITH day AS (
        SELECT call_count, minute + interval '24 hours 1 minute' AS free_at,
            coalesce(sum(call_count) OVER (ORDER BY minute DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS later
        FROM raw.catalog_calls WHERE minute > now() - interval '24 hours 1 minute'
    )
    SELECT coalesce(sum(call_count), 0)::integer, min(free_at) FILTER (WHERE later < %s) FROM day
"""


@dataclass(frozen=True)
class Budget:
    """How the budget stands; `free_at` is when it goes on: None while it does, and where it is none at all."""

    per_day: int
    spent: int
    free_at: datetime | None

    @property
    def left(self) -> int:
        return max(0, self.per_day - self.spent)

    @property
    def refusal(self) -> str | None:
        """Why nothing may be asked now, and until when."""
        if self.left:
            return None
        if self.free_at is None:
            return "Spotify is not asked about tracks, albums and artists: ENRICHMENT_PER_DAY is 0."
        return f"The {self.per_day:,} calls of a day are used up until {self.free_at:%Y-%m-%d %H:%M} UTC (ENRICHMENT_PER_DAY)."


def count_call(connection: Connection) -> None:
    """Note a call that is about to be made."""
    connection.execute(COUNT)


def delete_old_calls(connection: Connection) -> None:
    """Delete what no longer counts."""
    connection.execute(FORGET)


def budget_of(connection: Connection, per_day: int) -> Budget:
    """How much of `per_day` calls is left."""
    spent, free_at = only_row(connection, SPENT, (per_day,))
    return Budget(per_day, spent, free_at if spent >= per_day else None)
