"""Enrichment: ask Spotify about tracks, albums and artists that plays refer to and nobody asked about yet.

One call for each, as a Development Mode app must, the most played first, within the settings' budget. The queue is the view
raw.enrichment, so that a run goes on where another one ended, however it ended.
"""

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
from flask_endpoint.database import connect, only_row
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
from flask_endpoint.plays.api import text_of
from flask_endpoint.plays.names import normalise
from flask_endpoint.spotify.budget import budget_of
from flask_endpoint.spotify.client import SpotifyClient
from flask_endpoint.spotify.objects import Json, by_id, credited

ROUND = 100  # items looked up in the queue at once
STORED_AFTER = 10  # seconds: what was learnt is lost only for so long when the process is killed
MOST_FAILURES = 3  # in a row: one item may be broken at Spotify's, three are Spotify
ASK_AGAIN = timedelta(hours=1)  # after a failure: it is no answer
ASK_THE_MISSING_AGAIN = timedelta(days=30)  # after Spotify said that it does not have it
# What is wrong with the listener in whose name it was asked, not with the item: another's token may work.
OF_THE_LISTENER = (NeedsReconnect, NoNewToken, NotAllowed, TokenRejected, UnreadableToken)

log = structlog.get_logger(__name__)
Wait = Callable[[float], None]

UNAVAILABLE = """
    INSERT INTO raw.unavailable (item_kind, item_id, asked_at, retry_at, reason) VALUES (%s, %s, now(), now() + %s, %s)
    ON CONFLICT (item_kind, item_id) DO UPDATE
    SET asked_at = excluded.asked_at, retry_at = excluded.retry_at, reason = excluded.reason
"""
ONLY_ONE = "SELECT pg_try_advisory_lock(hashtextextended('enrichment', 0))"


@dataclass
class Learnt:
    """What was asked since the last write: Spotify's objects by kind, and the items that could not be had, with when to retry and why."""

    track: list[Json] = field(default_factory=list)
    album: list[Json] = field(default_factory=list)
    artist: list[Json] = field(default_factory=list)
    unavailable: list[tuple[Item, timedelta, str]] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)


class Pace:
    """Keeps calls apart, so that a minute holds no more than it may."""

    def __init__(self, per_minute: int, wait: Wait) -> None:
        self._apart = 60 / per_minute if per_minute else 0.0
        self._wait = wait
        self._next = 0.0

    def keep(self) -> None:
        now = time.monotonic()
        if self._next > now:
            self._wait(self._next - now)
        self._next = max(now, self._next) + self._apart


def enrich(
    endpoint: Endpoint, listeners: Sequence[str], wait: Wait = time.sleep, *, most: int | None = None
) -> dict[str, Any]:
    """Ask until all is known, the budget is spent or `most` items were asked about, in the name of the first listener whose
    token works. `stopped` says why it ended before its time, `until` until when."""
    result: dict[str, Any] = {"asked": 0, "unavailable": 0, "stopped": None, "until": None}
    with _alone(endpoint) as is_alone:
        if not is_alone:
            return result | {"stopped": "Another run is asking Spotify already."}
        stopped = "Nobody is connected to Spotify in whose name it could be asked."
        for listener_id in listeners:
            try:
                _Run(endpoint, endpoint.spotify(listener_id), result, wait, most).go()
                return result
            except OF_THE_LISTENER as error:
                log.warning("enrichment_refused", listener_id=listener_id, reason=error.message)
                stopped = error.message
            except EndpointError as error:
                log.warning("enrichment_stopped", reason=error.message)
                until = error.until.isoformat() if isinstance(error, Paused) else None
                return result | {"stopped": error.message, "until": until}
    return result | {"stopped": stopped}


@contextmanager
def _alone(endpoint: Endpoint) -> Iterator[bool]:
    """Whether no other process asks, until the block ends: two would go at twice the pace."""
    with connect(endpoint.settings.endpoint_database_url.get_secret_value()) as connection:
        connection.autocommit = True
        yield only_row(connection, ONLY_ONE)[0]


class _Run:
    """One run in one listener's name; it counts in `result`."""

    def __init__(
        self, endpoint: Endpoint, spotify: SpotifyClient, result: dict[str, Any], wait: Wait, most: int | None
    ) -> None:
        self._endpoint, self._spotify, self._result, self._most = endpoint, spotify, result, most
        per_minute, self._per_day = endpoint.settings.enrichment_budget
        self._pace = Pace(per_minute, wait)
        self._failures = 0
        self._learnt = Learnt()

    def go(self) -> None:
        seen: set[Item] = set()  # Whatever an answer was: nothing is asked for twice in one run.
        while wanted := [item for item in self._next_items() if item not in seen]:
            seen.update(wanted)
            try:
                for item in wanted:
                    self._pace.keep()
                    self._ask(item)
                    if time.monotonic() - self._learnt.since > STORED_AFTER:
                        self._store()
            finally:
                self._store()

    def _next_items(self) -> list[Item]:
        """What to ask about in this round; nothing once there is nothing, or no more may be asked."""
        asked_for = ROUND if self._most is None else min(ROUND, self._most - self._result["asked"])
        with self._endpoint.pool.connection() as connection:
            budget = budget_of(connection, self._per_day)
            found = next_items(connection, asked_for) if asked_for else []
        if found and not budget.left:
            self._result["stopped"] = budget.refusal
            self._result["until"] = budget.free_at.isoformat() if budget.free_at else None
        return found[: budget.left]

    def _ask(self, item: Item) -> None:
        """Ask about one item. A failure sets it aside, so that it does not hold up the others; several in a row end the run."""
        failure = None
        try:
            found: Json = getattr(self._spotify, item.item_kind)(item.item_id)
            if normalise(text_of(found, "name")):
                # Spotify may answer with the item's twin in the listener's market.
                getattr(self._learnt, item.item_kind).append(found | {"id": item.item_id})
            else:
                self._set_aside(item, ASK_THE_MISSING_AGAIN, "Spotify knows the id, but no name for it.")
        except NoSuchItem as error:
            self._set_aside(item, ASK_THE_MISSING_AGAIN, error.message)
        except OF_THE_LISTENER:
            raise
        except SpotifyUnavailable as error:
            failure = error
            self._set_aside(item, ASK_AGAIN, error.message)
        self._result["asked"] += 1
        self._failures = self._failures + 1 if failure else 0
        if failure and self._failures == MOST_FAILURES:
            raise failure

    def _set_aside(self, item: Item, for_: timedelta, reason: str) -> None:
        self._learnt.unavailable.append((item, for_, reason))
        self._result["unavailable"] += 1

    def _store(self) -> None:
        learnt, self._learnt = self._learnt, Learnt()
        with self._endpoint.pool.connection() as connection:
            _store(connection, learnt)


def _store(connection: Connection, learnt: Learnt) -> None:
    """Write the objects asked for, the simplified ones inside them, and what could not be had."""
    inner_albums = by_id(track.get("album") for track in learnt.track)
    inner_artists = by_id(credited((*learnt.track, *learnt.album)))
    now = datetime.now(UTC)
    store_catalog(connection, tracks=learnt.track, albums=learnt.album, artists=learnt.artist, fetched_at=now)
    store_catalog(connection, albums=list(inner_albums.values()), artists=list(inner_artists.values()))
    with connection.cursor() as cursor:
        rows = [(item.item_kind, item.item_id, for_, reason) for item, for_, reason in learnt.unavailable]
        cursor.executemany(UNAVAILABLE, rows)
