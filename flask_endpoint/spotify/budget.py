"""The budget of calls to Spotify's catalog in any 24 hours. Calls are counted in the database, which all processes share.

The count has one row per minute. Calls that a user makes count too, but are never refused.
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection

from flask_endpoint.database import only_row

COUNT_CALL = """
    INSERT INTO raw.catalog_calls AS c (minute, call_count) VALUES (date_trunc('minute', now()), 1)
    ON CONFLICT (minute) DO UPDATE SET call_count = c.call_count + 1
"""
DELETE_OLD_CALLS = "DELETE FROM raw.catalog_calls WHERE minute < now() - interval '2 days'"
# The calls of a minute stop counting 24 hours after its end. Calls are allowed again when the calls of later minutes are fewer than
# the budget.
READ_SPENT = """
    WITH day AS (
        SELECT call_count, minute + interval '24 hours 1 minute' AS free_at,
            coalesce(sum(call_count) OVER (ORDER BY minute DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS later
        FROM raw.catalog_calls WHERE minute > now() - interval '24 hours 1 minute'
    )
    SELECT coalesce(sum(call_count), 0)::integer, min(free_at) FILTER (WHERE later < %s) FROM day
"""


@dataclass(frozen=True)
class Budget:
    """The state of the budget. `free_at` is when calls are allowed again: None while they are, and if the budget is 0."""

    per_day: int
    spent: int
    free_at: datetime | None

    @property
    def left(self) -> int:
        return max(0, self.per_day - self.spent)

    @property
    def refusal(self) -> str | None:
        """Return why no call is allowed now and until when, or None if calls are allowed."""
        if self.left:
            return None
        if self.free_at is None:
            return "Enrichment is off, because ENRICHMENT_PER_DAY is 0."
        return f"All {self.per_day:,} calls of a day (ENRICHMENT_PER_DAY) are used up until {self.free_at:%Y-%m-%d %H:%M} UTC."


def count_call(connection: Connection) -> None:
    """Count a call that is about to be made."""
    connection.execute(COUNT_CALL)


def delete_old_calls(connection: Connection) -> None:
    """Delete the counts of minutes that no longer matter for the budget."""
    connection.execute(DELETE_OLD_CALLS)


def budget_of(connection: Connection, per_day: int) -> Budget:
    """Return the state of a budget of `per_day` calls."""
    spent, free_at = only_row(connection, READ_SPENT, (per_day,))
    return Budget(per_day, spent, free_at if spent >= per_day else None)
