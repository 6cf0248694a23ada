"""Enrichment: request the details of tracks, albums and artists that plays refer to from Spotify.

Each item takes one call, because apps in Development Mode cannot request several at a time. The most played items come first, within
the budget of the settings. The queue is in the database (raw.enrichment_item), so a run continues where the previous one stopped.
"""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from psycopg import Connection

from flask_endpoint.catalog.store import store_catalog
from flask_endpoint.context import Endpoint
from flask_endpoint.database import connect
from flask_endpoint.enrichment.state import Item, next_items
from flask_endpoint.errors import (
    EndpointError,
    NeedsReconnect,
    NoNewToken,
    NoSuchItem,
    NotAllowed,
    Paused,
    SpotifyUnavailable,
    TokenRejected,
    UnreadableToken,
)
from flask_endpoint.locks import try_enrichment_lock
from flask_endpoint.plays.api import text_of
from flask_endpoint.plays.names import normalise
from flask_endpoint.spotify.budget import budget_of
from flask_endpoint.spotify.client import SpotifyClient
from flask_endpoint.spotify.objects import Json, by_id, credited

ITEMS_PER_ROUND = 100  # read from the queue at a time
STORE_INTERVAL = 10  # seconds; a killed process loses at most the answers of this time
MAX_CONSECUTIVE_FAILURES = 3  # One item may be broken at Spotify; three in a row mean that Spotify is.
RETRY_AFTER_FAILURE = timedelta(hours=1)
RETRY_AFTER_MISSING = timedelta(days=30)  # for an item that Spotify does not have
# Errors of the listener's token, not of the item: the token of another listener may work.
TOKEN_ERRORS = (NeedsReconnect, NoNewToken, NotAllowed, TokenRejected, UnreadableToken)

log = structlog.get_logger(__name__)
Wait = Callable[[float], None]

UPSERT_UNAVAILABLE = """
    INSERT INTO raw.unavailable (item_kind, item_id, asked_at, retry_at, reason) VALUES (%s, %s, now(), now() + %s, %s)
    ON CONFLICT (item_kind, item_id) DO UPDATE
    SET asked_at = excluded.asked_at, retry_at = excluded.retry_at, reason = excluded.reason
"""


@dataclass
class Answers:
    """The answers since the last write: Spotify's objects by kind, and each unavailable item with the time until its retry and a reason."""

    track: list[Json] = field(default_factory=list)
    album: list[Json] = field(default_factory=list)
    artist: list[Json] = field(default_factory=list)
    unavailable: list[tuple[Item, timedelta, str]] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)


class Pace:
    """Limits the rate of calls to `per_minute`; 0 means no limit."""

    def __init__(self, per_minute: int, wait: Wait) -> None:
        self._interval = 60 / per_minute if per_minute else 0.0
        self._wait = wait
        self._next = 0.0

    def wait_for_turn(self) -> None:
        """Wait until the interval since the previous call has passed.

        `wait` is called for each turn, also with 0 seconds: it may end the run.
        """
        now = time.monotonic()
        self._wait(max(0.0, self._next - now))
        self._next = max(now, self._next) + self._interval


def enrich(
    endpoint: Endpoint,
    listeners: Sequence[str],
    wait: Wait = time.sleep,
    *,
    max_items: int | None = None,
    max_seconds: float = math.inf,
) -> dict[str, Any]:
    """Request items with the first token that works, until the queue is empty, the budget is spent, or a maximum is reached.

    Return `asked` and `unavailable`, numbers of items, `stopped`, the reason for stopping early, and `until`, when to continue.
    """
    result: dict[str, Any] = {"asked": 0, "unavailable": 0, "stopped": None, "until": None}
    with _enrichment_lock(endpoint) as is_locked:
        if not is_locked:
            return result | {"stopped": "Another enrichment run is in progress."}
        stopped = "No listener is connected to Spotify."
        end = time.monotonic() + max_seconds
        for listener_id in listeners:
            try:
                _Run(endpoint, endpoint.spotify(listener_id), result, wait, max_items, end).run()
                return result
            except TOKEN_ERRORS as error:
                log.warning("enrichment_refused", listener_id=listener_id, reason=error.message)
                stopped = error.message
            except EndpointError as error:
                log.warning("enrichment_stopped", reason=error.message)
                until = error.until.isoformat() if isinstance(error, Paused) else None
                return result | {"stopped": error.message, "until": until}
    return result | {"stopped": stopped}


@contextmanager
def _enrichment_lock(endpoint: Endpoint) -> Iterator[bool]:
    """Yield whether this process has the enrichment lock, which lasts until the block ends."""
    with connect(endpoint.settings.endpoint_database_url.get_secret_value()) as connection:
        connection.autocommit = True
        yield try_enrichment_lock(connection)


class _Run:
    """One run with one listener's token; it counts in `result`, and stops at `end`, by the monotonic clock."""

    def __init__(
        self,
        endpoint: Endpoint,
        spotify: SpotifyClient,
        result: dict[str, Any],
        wait: Wait,
        max_items: int | None,
        end: float,
    ) -> None:
        self._endpoint, self._spotify, self._result = endpoint, spotify, result
        self._max_items, self._end = max_items, end
        per_minute, self._per_day = endpoint.settings.enrichment_budget
        self._pace = Pace(per_minute, wait)
        self._failures = 0
        self._answers = Answers()

    def run(self) -> None:
        """Request the items of the queue; store the answers also when an error ends the run."""
        seen: set[Item] = set()  # A run requests no item twice, whatever the answer.
        while items := [item for item in self._next_items() if item not in seen]:
            seen.update(items)
            try:
                for item in items:
                    if time.monotonic() >= self._end:
                        self._result["stopped"] = "The time for this run is over. The next one continues."
                        return
                    self._pace.wait_for_turn()
                    self._request(item)
                    if time.monotonic() - self._answers.since > STORE_INTERVAL:
                        self._store()
            finally:
                self._store()

    def _next_items(self) -> list[Item]:
        """Return the items of the next round; none when the queue is empty or no call is left."""
        limit = (
            ITEMS_PER_ROUND
            if self._max_items is None
            else min(ITEMS_PER_ROUND, self._max_items - self._result["asked"])
        )
        with self._endpoint.pool.connection() as connection:
            budget = budget_of(connection, self._per_day)
            found = next_items(connection, limit) if limit else []
        if found and not budget.left:
            self._result["stopped"] = budget.refusal
            self._result["until"] = budget.free_at.isoformat() if budget.free_at else None
        return found[: budget.left]

    def _request(self, item: Item) -> None:
        """Request one item. After a failure it waits for its retry, so that it does not delay the others; several failures in a row end the run."""
        failure = None
        try:
            found: Json = getattr(self._spotify, item.item_kind)(item.item_id)
            if normalise(text_of(found, "name")):
                # Spotify may answer with the equivalent item of the listener's market, which has another id.
                getattr(self._answers, item.item_kind).append(found | {"id": item.item_id})
            else:
                self._mark_unavailable(item, RETRY_AFTER_MISSING, "Spotify has the item, but without a name.")
        except NoSuchItem as error:
            self._mark_unavailable(item, RETRY_AFTER_MISSING, error.message)
        except TOKEN_ERRORS:
            raise
        except SpotifyUnavailable as error:
            failure = error
            self._mark_unavailable(item, RETRY_AFTER_FAILURE, error.message)
        self._result["asked"] += 1
        self._failures = self._failures + 1 if failure else 0
        if failure and self._failures == MAX_CONSECUTIVE_FAILURES:
            raise failure

    def _mark_unavailable(self, item: Item, retry_after: timedelta, reason: str) -> None:
        self._answers.unavailable.append((item, retry_after, reason))
        self._result["unavailable"] += 1

    def _store(self) -> None:
        answers, self._answers = self._answers, Answers()
        with self._endpoint.pool.connection() as connection:
            _store(connection, answers)


def _store(connection: Connection, answers: Answers) -> None:
    """Write the requested objects, the simplified objects in them, and the unavailable items."""
    inner_albums = by_id(track.get("album") for track in answers.track)
    inner_artists = by_id(credited((*answers.track, *answers.album)))
    now = datetime.now(UTC)
    store_catalog(connection, tracks=answers.track, albums=answers.album, artists=answers.artist, fetched_at=now)
    store_catalog(connection, albums=list(inner_albums.values()), artists=list(inner_artists.values()))
    with connection.cursor() as cursor:
        rows = [
            (item.item_kind, item.item_id, retry_after, reason) for item, retry_after, reason in answers.unavailable
        ]
        cursor.executemany(UPSERT_UNAVAILABLE, rows)
