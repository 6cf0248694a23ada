"""Words for tests of promotion: rows as Spotify writes them, imports and polls of a listener, the plays that come of it."""

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flask_endpoint.database import connect
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.landing.batches import land_import, land_poll
from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.plays import account as account_rows
from flask_endpoint.plays import api as api_rows
from flask_endpoint.plays import extended as extended_rows
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.lenient import row_from_object
from flask_endpoint.plays.row import PlayRow
from flask_endpoint.reconciliation.promote import Balance, promote
from flask_endpoint.reconciliation.undo import undo_import
from tests.flask_endpoint.reconciliation.obvious import Received, as_row, reconcile

NOW = datetime(2024, 6, 1, tzinfo=UTC)
START = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
ROW = (
    "ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, is_private, skipped, shuffle, platform, "
    "context_uri, origin"
)


def spotify_id(name: str) -> str:
    """A made-up id of Spotify's form."""
    return "".join(c for c in name if c.isalnum()).ljust(22, "0")[:22]


def at(offset: float) -> str:
    """The instant `offset` seconds after the start, as an extended export writes it."""
    return (START + timedelta(seconds=offset)).strftime("%Y-%m-%dT%H:%M:%SZ")


def extended(
    offset: float, title: str | None = "Song", artist: str | None = "Band", ms: Any = 200_000, **others: Any
) -> dict[str, Any]:
    """A row of an extended export that ended `offset` seconds after the start."""
    uri = f"spotify:track:{spotify_id(title)}" if title else None
    return {
        "ts": at(offset),
        "ms_played": ms,
        "master_metadata_track_name": title,
        "master_metadata_album_artist_name": artist if title else None,
        "master_metadata_album_album_name": "Record" if title else None,
        "spotify_track_uri": uri,
        "shuffle": True,
        "skipped": False,
        "platform": "android",
        **others,
    }


def account(minute: float, title: str = "Song", artist: str = "Band", ms: Any = 200_000) -> dict[str, Any]:
    """A row of an account-data export that ended in the given minute after the start."""
    end = (START + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M")
    return {"endTime": end, "artistName": artist, "trackName": title, "msPlayed": ms}


def item(offset: float, title: str = "Song", artist: str = "Band", album_artist: str | None = None) -> dict[str, Any]:
    """An item of recently-played that ended `offset` seconds after the start."""
    played_at = (START + timedelta(seconds=offset)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    owner = album_artist or artist
    return {
        "played_at": played_at,
        "context": {"uri": "spotify:playlist:" + spotify_id("list")},
        "track": {
            "id": spotify_id(title),
            "name": title,
            "artists": [{"id": spotify_id(artist), "name": artist}],
            "album": {
                "id": spotify_id("album of " + title),
                "name": "Record",
                "artists": [{"id": spotify_id(owner), "name": owner}],
            },
        },
    }


def parsed(row: dict[str, Any]) -> PlayRow:
    """A row in the common form; raises Rejected."""
    horizon = Horizon(NOW)
    if "played_at" in row:
        return api_rows.play_row(row, horizon)
    if "ts" in row:
        return extended_rows.play_row(row_from_object(row, extended_rows.ExtendedRow), horizon, False)
    return account_rows.play_row(row_from_object(row, account_rows.AccountRow), horizon, None)


class Listening:
    """One listener's imports and polls, on a connection whose work is rolled back."""

    def __init__(self, connection: psycopg.Connection, listener_id: str) -> None:
        self.connection, self.listener_id, self.polls = connection, listener_id, 0
        ensure_listener(connection, listener_id)

    def land(self, *rows: dict[str, Any]) -> tuple[int, int]:
        """Land an import of rows of extended and account exports; its id and its batch's."""
        made = self.connection.execute(
            "INSERT INTO raw.import (listener_id, files) VALUES (%s, '{}') RETURNING import_id", (self.listener_id,)
        ).fetchone()
        assert made is not None
        with tempfile.TemporaryDirectory() as folder:
            for name, key in (("endsong_0.json", "ts"), ("StreamingHistory0.json", "endTime")):
                (Path(folder) / name).write_text(json.dumps([row for row in rows if key in row]))
            sources = find_sources(sorted(Path(folder).iterdir()))
            batch_id, _ = land_import(
                self.connection, self.listener_id, made[0], sources, now=NOW, report_rows=lambda _file, _rows: None
            )
        return made[0], batch_id

    def import_(self, *rows: dict[str, Any]) -> Balance:
        """Import rows of extended and account exports."""
        self.last_import, batch_id = self.land(*rows)
        return promote(self.connection, batch_id)

    def poll(self, *items: Any) -> Balance:
        """Poll a page."""
        self.polls += 1
        polled_at = NOW + timedelta(minutes=self.polls)
        return promote(self.connection, land_poll(self.connection, self.listener_id, items, polled_at=polled_at))

    def undo(self, import_id: int | None = None) -> None:
        undo_import(self.connection, import_id or self.last_import)

    def plays(self, columns: str = ROW) -> list[tuple[Any, ...]]:
        """The plays' fields, in order of end."""
        return self.connection.execute(
            f"SELECT {columns} FROM raw.play WHERE listener_id = %s ORDER BY ended_at, track_id, ms_played, origin, play_id",
            (self.listener_id,),
        ).fetchall()

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that undoing must restore; the versions only ever rise, and play ids are part of it."""
        tables = {
            "play": "SELECT * FROM raw.play WHERE listener_id = %s ORDER BY play_id",
            "received": "SELECT * FROM raw.received WHERE listener_id = %s ORDER BY batch_id, row_number",
            "coverage": "SELECT * FROM raw.coverage WHERE listener_id = %s ORDER BY started_at",
            "use": "SELECT * FROM raw.item_use WHERE listener_id = %s ORDER BY item_id",
            "evidence": "SELECT * FROM raw.id_evidence WHERE source = %s ORDER BY provisional_id, spotify_id",
            "map": "SELECT * FROM raw.id_map WHERE %s <> '' ORDER BY provisional_id",
        }
        return {name: self.connection.execute(query, (self.listener_id,)).fetchall() for name, query in tables.items()}

    def matched_by(self) -> list[str]:
        """How rows found their partners."""
        rows = self.connection.execute(
            "SELECT matched_by FROM raw.received WHERE listener_id = %s AND matched_by IS NOT NULL ORDER BY matched_by",
            (self.listener_id,),
        )
        return [row[0] for row in rows]

    def version(self) -> int:
        row = self.connection.execute(
            "SELECT version FROM raw.listener WHERE listener_id = %s", (self.listener_id,)
        ).fetchone()
        assert row is not None
        return int(row[0])


def obvious_plays(*batches: tuple[str, list[dict[str, Any]]]) -> list[tuple[Any, ...]]:
    """The plays by the slow implementation; a batch is a name and its rows, a poll's name begins with `poll`."""
    held = [Received(name, parsed(row), name.startswith("poll")) for name, rows in batches for row in rows]
    return sorted((as_row(play) for play in reconcile(held)), key=repr)


@pytest.fixture
def connection(source_database: str) -> Iterator[psycopg.Connection]:
    """A connection with the endpoint's rights; what is done on it is rolled back."""
    connection = connect(source_database)
    yield connection
    connection.rollback()
    connection.close()


@pytest.fixture
def ana(connection: psycopg.Connection) -> Listening:
    """A listener without a play."""
    return Listening(connection, "ana")


@pytest.fixture
def listener(connection: psycopg.Connection) -> Callable[[str], Listening]:
    """Make further listeners."""
    return lambda listener_id: Listening(connection, listener_id)
