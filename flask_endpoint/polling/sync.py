"""The sync: poll the latest plays of every connected listener, land the new ones, then enrich items without details.

If the poll of one listener fails, the result says why, and the other listeners are still polled. A poll without new plays lands
nothing. A failed request to Spotify is always a failure, never a poll without new plays.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import structlog

from flask_endpoint.catalog.store import store_catalog
from flask_endpoint.context import Endpoint
from flask_endpoint.enrichment.enrich import enrich
from flask_endpoint.errors import EndpointError, NeedsReconnect, Paused
from flask_endpoint.landing.batches import land_poll
from flask_endpoint.locks import lock_for_landing
from flask_endpoint.plays.api import play_row
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import Rejected
from flask_endpoint.spotify.objects import objects_in_plays
from flask_endpoint.spotify.token_store import CONSENT_ENDS_AT, ENDS_SOON, connected_listeners

LONGEST_WAIT = timedelta(seconds=60)  # The sync waits until a shorter pause ends. A longer one fails the poll.
ENRICHMENT_TIME = 60  # seconds, in which a real app may make one minute's budget of calls

log = structlog.get_logger(__name__)
Wait = Callable[[float], None]

FIND_ENDING_CONSENTS = f"SELECT t.listener_id, {CONSENT_ENDS_AT} FROM vault.token AS t WHERE {ENDS_SOON} ORDER BY 1"
FIND_ENDED_CONSENTS = "SELECT listener_id, reason FROM vault.token WHERE status = 'reconnect' ORDER BY listener_id"
# Plays of batches that wait for promotion are known, and so are plays of refused batches, which an operator may reopen. Otherwise
# every hourly poll would land the same plays again, and the gate would refuse them again.
FIND_KNOWN_PLAYS = """
    SELECT p.ended_at, p.track_id FROM landing.play p JOIN landing.batch b USING (batch_id)
    WHERE b.listener_id = %(listener_id)s AND p.origin = 'api' AND p.ended_at = ANY (%(moments)s)
"""
FIND_LANDED_POLLS = """
    SELECT listener_id, batch_id, rows_landed AS rows FROM landing.batch
    WHERE kind = 'poll' AND status = 'landed' ORDER BY batch_id
"""


def sync(endpoint: Endpoint, wait: Wait = time.sleep) -> dict[str, Any]:
    """Poll all connected listeners, then enrich. Return the job's result, which is JSON.

    `batches` are all polls that wait for the gate, including those of earlier syncs.
    """
    with endpoint.pool.connection() as connection:
        listeners = connected_listeners(connection)
        ended = [
            {"listener_id": listener, "error": reason} for listener, reason in connection.execute(FIND_ENDED_CONSENTS)
        ]
        ending = [
            {"listener_id": listener, "consent_ends_at": at.isoformat()}
            for listener, at in connection.execute(FIND_ENDING_CONSENTS)
        ]
    failures = [failure for listener in listeners if (failure := _try_to_poll(endpoint, listener, wait))]
    enrichment = _try_to_enrich(endpoint, listeners, wait)
    with endpoint.pool.connection() as connection:
        batches = [
            {"listener_id": listener, "batch_id": batch, "rows": rows}
            for listener, batch, rows in connection.execute(FIND_LANDED_POLLS)
        ]
    return {"batches": batches, "failures": failures, "reconnect": ended, "ending": ending, "enrichment": enrichment}


def _try_to_poll(endpoint: Endpoint, listener_id: str, wait: Wait) -> dict[str, str] | None:
    """Poll one listener. Return the failure, or None."""
    try:
        _poll_or_wait(endpoint, listener_id, wait)
        return None
    except EndpointError as error:
        log.warning("poll_failed", listener_id=listener_id, reason=error.message)
        return {"listener_id": listener_id, "error": error.message}
    except Exception:  # An error in the plays of one listener must not stop the polls of the others.
        log.exception("poll_failed", listener_id=listener_id)
        return {"listener_id": listener_id, "error": "The poll failed unexpectedly. See the worker's log."}


def _try_to_enrich(endpoint: Endpoint, listeners: list[str], wait: Wait) -> dict[str, Any]:
    """Enrich at most one minute's budget of items, in at most ENRICHMENT_TIME: the load of the landed plays waits for it."""
    items = endpoint.settings.enrichment_budget[0] or None
    try:
        return enrich(endpoint, listeners, wait, max_items=items, max_seconds=ENRICHMENT_TIME)
    except Exception:  # The plays are landed. A later sync can add the details.
        log.exception("enrichment_failed")
        stopped = "Enrichment failed unexpectedly. See the worker's log."
        return {"asked": 0, "unavailable": 0, "stopped": stopped, "until": None}


def _poll_or_wait(endpoint: Endpoint, listener_id: str, wait: Wait) -> None:
    """Poll one listener. If Spotify asks for a pause of at most LONGEST_WAIT, wait and poll again."""
    try:
        poll(endpoint, listener_id)
    except Paused as pause:
        left = pause.until - datetime.now(UTC)
        if left > LONGEST_WAIT:
            raise
        wait(max(0.0, left.total_seconds()))
        poll(endpoint, listener_id)


def poll(endpoint: Endpoint, listener_id: str) -> int | None:
    """Land the plays of one listener that are not in source yet. Return the batch id, or None if no play is new."""
    polled_at = datetime.now(UTC)
    items = endpoint.spotify(listener_id).recently_played()
    with endpoint.pool.connection() as connection:
        lock_for_landing(connection, listener_id)
        if listener_id not in connected_listeners(connection):
            raise NeedsReconnect(f"{listener_id} was disconnected or deleted during the poll. Nothing was landed.")
        new, overlaps = _new_items(connection, listener_id, items, polled_at)
        if not new:
            return None
        batch_id = land_poll(connection, listener_id, new, polled_at=polled_at, overlaps=overlaps)
        found = objects_in_plays(new)
        store_catalog(connection, tracks=list(found.full_tracks.values()), fetched_at=polled_at)
        store_catalog(
            connection,
            tracks=list(found.tracks.values()),
            albums=list(found.albums.values()),
            artists=list(found.artists.values()),
        )
    log.info("poll_landed", listener_id=listener_id, batch_id=batch_id, rows=len(new))
    return batch_id


def _new_items(
    connection: psycopg.Connection, listener_id: str, items: list[Any], polled_at: datetime
) -> tuple[list[Any], bool]:
    """Return the items that are not in source yet, and whether any other item is.

    Unreadable items are returned only together with a new play, because Spotify keeps returning them.
    """
    keyed = [(item, _play_key(item, Horizon(polled_at))) for item in items]
    moments = [key[0] for _, key in keyed if key]
    known = set(connection.execute(FIND_KNOWN_PLAYS, {"listener_id": listener_id, "moments": moments}))
    new = [(item, key) for item, key in keyed if key not in known]
    has_new_play = any(key for _, key in new)
    return [item for item, _ in new] if has_new_play else [], len(new) < len(keyed)


def _play_key(item: Any, horizon: Horizon) -> tuple[datetime, str | None] | None:
    """Return the time and the track that identify a play in later polls, or None if the item is not a play."""
    try:
        row = play_row(item, horizon)
    except Rejected:
        return None
    return datetime.fromisoformat(row.ended_at), row.track_id
