"""A sync: read every connected listener's latest plays, land the new ones, then ask about items not known yet.

One listener's failure is in the result and the others go on. Nothing is landed when nothing is new, and no failure of
Spotify's is ever taken for "nothing new".
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
from flask_endpoint.landing.batches import land_poll, lock_for_landing
from flask_endpoint.plays.api import play_row
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import Rejected
from flask_endpoint.spotify.objects import objects_in_plays
from flask_endpoint.spotify.token_store import CONSENT_ENDS_AT, ENDS_SOON, connected_listeners

PATIENCE = timedelta(seconds=60)  # A pause up to this is waited out within the sync.

log = structlog.get_logger(__name__)
Wait = Callable[[float], None]

ENDING = f"SELECT t.listener_id, {CONSENT_ENDS_AT} FROM vault.token AS t WHERE {ENDS_SOON} ORDER BY 1"
WAITING = "SELECT listener_id, reason FROM vault.token WHERE status = 'reconnect' ORDER BY listener_id"
# Landed batches count as held: they wait for promotion. Refused batches count too: an operator refused them and may reopen
# them. Otherwise every hourly poll would land the same plays again, and the gate would refuse them again.
HELD = """
    SELECT p.ended_at, p.track_id FROM landing.play p JOIN landing.batch b USING (batch_id)
    WHERE b.listener_id = %(listener_id)s AND p.origin = 'api' AND p.ended_at = ANY (%(moments)s)
"""
PENDING = """
    SELECT listener_id, batch_id, rows_landed AS rows FROM landing.batch
    WHERE kind = 'poll' AND status = 'landed' ORDER BY batch_id
"""


def sync(endpoint: Endpoint, wait: Wait = time.sleep) -> dict[str, Any]:
    """Poll all connected listeners and enrich; the result is JSON.

    Its batches are all polls that wait for the gate, also those that an earlier sync left behind.
    """
    with endpoint.pool.connection() as connection:
        listeners = connected_listeners(connection)
        waiting = [{"listener_id": listener, "error": reason} for listener, reason in connection.execute(WAITING)]
        ending = [
            {"listener_id": listener, "consent_ends_at": at.isoformat()} for listener, at in connection.execute(ENDING)
        ]
    failures = [failure for listener in listeners if (failure := _try_to_poll(endpoint, listener, wait))]
    enrichment = _try_to_enrich(endpoint, listeners, wait)
    with endpoint.pool.connection() as connection:
        batches = [
            {"listener_id": listener, "batch_id": batch, "rows": rows}
            for listener, batch, rows in connection.execute(PENDING)
        ]
    return {"batches": batches, "failures": failures, "reconnect": waiting, "ending": ending, "enrichment": enrichment}


def _try_to_poll(endpoint: Endpoint, listener_id: str, wait: Wait) -> dict[str, str] | None:
    try:
        _poll_patiently(endpoint, listener_id, wait)
        return None
    except EndpointError as error:
        log.warning("poll_failed", listener_id=listener_id, reason=error.message)
        return {"listener_id": listener_id, "error": error.message}
    except Exception:  # Whatever is wrong with one listener's plays is no reason to lose the others'.
        log.exception("poll_failed", listener_id=listener_id)
        return {"listener_id": listener_id, "error": "The poll failed unexpectedly: the worker's log says why."}


def _try_to_enrich(endpoint: Endpoint, listeners: list[str], wait: Wait) -> dict[str, Any]:
    """Ask for a minute: plays wait for this sync, the rest of the queue for the next ones."""
    try:
        return enrich(endpoint, listeners, wait, most=endpoint.settings.enrichment_budget[0] or None)
    except Exception:  # The plays are landed, and details can come later.
        log.exception("enrichment_failed")
        stopped = "Asking about tracks, albums and artists failed unexpectedly: the worker's log says why."
        return {"asked": 0, "unavailable": 0, "stopped": stopped, "until": None}


def _poll_patiently(endpoint: Endpoint, listener_id: str, wait: Wait) -> None:
    try:
        poll(endpoint, listener_id)
    except Paused as pause:
        left = pause.until - datetime.now(UTC)
        if left > PATIENCE:
            raise
        wait(max(0.0, left.total_seconds()))
        poll(endpoint, listener_id)


def poll(endpoint: Endpoint, listener_id: str) -> int | None:
    """Land what Spotify tells and source does not hold yet; its batch, or None when nothing is new."""
    polled_at = datetime.now(UTC)
    items = endpoint.spotify(listener_id).recently_played()
    with endpoint.pool.connection() as connection:
        lock_for_landing(connection, listener_id)
        if listener_id not in connected_listeners(connection):
            raise NeedsReconnect(f"{listener_id} was disconnected or deleted meanwhile: nothing was landed.")
        new, overlaps = _not_held(connection, listener_id, items, polled_at)
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


def _not_held(
    connection: psycopg.Connection, listener_id: str, items: list[Any], polled_at: datetime
) -> tuple[list[Any], bool]:
    """The items that source has no row of, and whether it has one of any other.

    Unreadable ones come along only with something that is new: they never end.
    """
    read = [(item, _identity(item, Horizon(polled_at))) for item in items]
    moments = [identity[0] for _, identity in read if identity]
    held = set(connection.execute(HELD, {"listener_id": listener_id, "moments": moments}))
    new = [(item, identity) for item, identity in read if identity not in held]
    return [item for item, _ in new] if any(identity for _, identity in new) else [], len(new) < len(read)


def _identity(item: Any, horizon: Horizon) -> tuple[datetime, str | None] | None:
    """What makes an item the same play at the next poll: its instant and its track. None when it can be no play."""
    try:
        row = play_row(item, horizon)
    except Rejected:
        return None
    return datetime.fromisoformat(row.ended_at), row.track_id
