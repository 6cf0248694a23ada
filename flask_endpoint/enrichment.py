"""Enrichment: ask Spotify about tracks, albums and artists that plays refer to and nobody asked about yet.

One call for each, as a Development Mode app must, the most played first, within the settings' budget. What was learnt is
stored a round at a time, so that a killed sync loses little.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import structlog

from flask_endpoint.catalog import store_catalog
from flask_endpoint.endpoint import Endpoint
from flask_endpoint.errors import EndpointError, NeedsReconnect, NoSuchItem
from flask_endpoint.spotify.client import SpotifyClient
from flask_endpoint.spotify.objects import Json, by_id, credited

ROUND = 100  # items asked between two writes

log = structlog.get_logger(__name__)
Wait = Callable[[float], None]

# What is most played and was never asked for. Plays still in landing count too: they are the newest.
WANTED = """
    WITH heard AS (
        SELECT coalesce(m.spotify_id, p.track_id) AS track_id
        FROM raw.play p LEFT JOIN raw.id_map m ON m.provisional_id = p.track_id
        WHERE p.kind = 'track'
        UNION ALL
        SELECT p.track_id FROM landing.play p JOIN landing.batch b USING (batch_id) WHERE b.status = 'landed' AND p.kind = 'track'
    ), tracks AS (
        SELECT track_id, count(*) AS play_count FROM heard GROUP BY track_id
    ), items AS (
        SELECT 'track' AS item_kind, track_id AS item_id, play_count FROM tracks
        UNION ALL
        SELECT 'album', c.album_id, sum(t.play_count) FROM tracks t JOIN raw.catalog_track c USING (track_id) GROUP BY c.album_id
        UNION ALL
        SELECT 'artist', a.artist_id, sum(t.play_count)
        FROM tracks t JOIN raw.catalog_track c USING (track_id) CROSS JOIN LATERAL unnest(c.artist_ids) AS a (artist_id)
        GROUP BY a.artist_id
    )
    SELECT i.item_kind, i.item_id FROM items i
    LEFT JOIN raw.catalog_track t ON i.item_kind = 'track' AND t.track_id = i.item_id
    LEFT JOIN raw.catalog_album l ON i.item_kind = 'album' AND l.album_id = i.item_id
    LEFT JOIN raw.catalog_artist a ON i.item_kind = 'artist' AND a.artist_id = i.item_id
    LEFT JOIN raw.unavailable u ON u.item_kind = i.item_kind AND u.item_id = i.item_id
    WHERE i.item_id ~ '^[0-9A-Za-z]{22}$'
      AND coalesce(t.fetched_at, l.fetched_at, a.fetched_at) IS NULL
      AND (u.asked_at IS NULL OR u.asked_at < %(now)s - interval '30 days')
    ORDER BY i.play_count DESC, i.item_kind DESC, i.item_id
    LIMIT %(most)s
"""
UNAVAILABLE = """
    INSERT INTO raw.unavailable (item_kind, item_id, asked_at) SELECT *, %s FROM unnest(%s::text[], %s::text[])
    ON CONFLICT (item_kind, item_id) DO UPDATE SET asked_at = excluded.asked_at
"""


@dataclass
class Learnt:
    """What one round brought: Spotify's objects by kind, and the items that it does not have."""

    track: list[Json] = field(default_factory=list)
    album: list[Json] = field(default_factory=list)
    artist: list[Json] = field(default_factory=list)
    unavailable: list[tuple[str, str]] = field(default_factory=list)


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


def enrich(endpoint: Endpoint, listeners: Sequence[str], wait: Wait = time.sleep) -> dict[str, Any]:
    """Ask until all is known or the budget is spent, in the name of the first listener whose token works."""
    result: dict[str, Any] = {"asked": 0, "unavailable": 0, "stopped": None}
    for listener_id in listeners:
        try:
            _ask_in_rounds(endpoint, endpoint.spotify(listener_id), result, wait)
            return result
        except NeedsReconnect:
            continue
        except EndpointError as error:
            log.warning("enrichment_stopped", reason=error.message)
            return result | {"stopped": error.message}
    return result


def _ask_in_rounds(endpoint: Endpoint, spotify: SpotifyClient, result: dict[str, Any], wait: Wait) -> None:
    per_minute, per_sync = endpoint.settings.enrichment_budget
    pace = Pace(per_minute, wait)
    seen: set[tuple[str, str]] = set()  # Whatever an answer was: nothing is asked for twice in one sync.
    while (budget := per_sync - result["asked"]) > 0:
        with endpoint.pool.connection() as connection:
            found = connection.execute(WANTED, {"now": datetime.now(UTC), "most": min(ROUND, budget)}).fetchall()
        wanted = [item for item in found if item not in seen]
        if not wanted:
            return
        seen.update(wanted)
        learnt = Learnt()
        try:
            for kind, item_id in wanted:
                pace.keep()
                _ask(spotify, kind, item_id, learnt)
                result["asked"] += 1
        finally:
            _store(endpoint, learnt)
            result["unavailable"] += len(learnt.unavailable)


def _ask(spotify: SpotifyClient, kind: str, item_id: str, learnt: Learnt) -> None:
    try:
        found: Json = getattr(spotify, kind)(item_id)
    except NoSuchItem:
        learnt.unavailable.append((kind, item_id))
        return
    if not isinstance(found.get("name"), str):
        learnt.unavailable.append((kind, item_id))
        return
    getattr(learnt, kind).append(
        found | {"id": item_id}
    )  # Spotify may answer with the item's twin in the listener's market.


def _store(endpoint: Endpoint, learnt: Learnt) -> None:
    """Write one round: the objects asked for, the simplified ones inside them, and what there is not."""
    now = datetime.now(UTC)
    inner_albums = by_id(track.get("album") for track in learnt.track)
    inner_artists = by_id(credited((*learnt.track, *learnt.album)))
    with endpoint.pool.connection() as connection:
        store_catalog(connection, tracks=learnt.track, albums=learnt.album, artists=learnt.artist, fetched_at=now)
        store_catalog(connection, albums=list(inner_albums.values()), artists=list(inner_artists.values()))
        kinds, ids = [kind for kind, _ in learnt.unavailable], [item_id for _, item_id in learnt.unavailable]
        connection.execute(UNAVAILABLE, (now, kinds, ids))
