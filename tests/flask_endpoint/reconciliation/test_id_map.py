"""The id map and the catalog that it uses: provisional ids map to Spotify ids with the same names."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from flask_endpoint.catalog.store import store_catalog
from flask_endpoint.plays.names import provisional_id
from tests.flask_endpoint.reconciliation.catalog_objects import ALBUM, ARTIST, TRACK
from tests.flask_endpoint.reconciliation.listening import Listening, account, extended, item, spotify_id


def mapped(connection: psycopg.Connection, provisional: str) -> str | None:
    """Return the Spotify id that a provisional id maps to, or None."""
    row = connection.execute("SELECT spotify_id FROM raw.id_map WHERE provisional_id = %s", (provisional,)).fetchone()
    return str(row[0]) if row else None


def test_provisional_id_maps_to_smallest_spotify_id_and_versions_of_its_listeners_rise(
    ana: Listening, listener: Callable[[str], Listening]
) -> None:
    bob, song = listener("bob"), provisional_id("track", "band", "song")
    bob.import_(account(1))
    version = bob.version()
    ana.import_(extended(10, spotify_track_uri="spotify:track:" + "m" * 22))
    assert (mapped(ana.connection, song), bob.version()) == ("m" * 22, version + 1)
    second = ana.import_(extended(20, spotify_track_uri="spotify:track:" + "b" * 22))
    assert (mapped(ana.connection, song), bob.version(), second.rows_added) == ("b" * 22, version + 2, 1)
    ana.import_(extended(30, spotify_track_uri="spotify:track:" + "z" * 22))
    assert (mapped(ana.connection, song), bob.version()) == ("b" * 22, version + 2)


def test_undo_removes_mapping(ana: Listening) -> None:
    ana.import_(extended(10))
    assert mapped(ana.connection, provisional_id("track", "band", "song")) == spotify_id("Song")
    ana.undo()
    assert mapped(ana.connection, provisional_id("track", "band", "song")) is None


def test_poll_maps_artist_and_album(ana: Listening) -> None:
    ana.import_(account(500))
    ana.poll(item(10))
    assert mapped(ana.connection, provisional_id("artist", "band")) == spotify_id("Band")
    assert mapped(ana.connection, provisional_id("album", "band", "record")) == spotify_id("album of Song")


def test_catalog_maps_ids_and_raises_versions_of_listeners_who_played_them(
    ana: Listening, listener: Callable[[str], Listening]
) -> None:
    bob = listener("bob")
    ana.import_(account(1))
    version = ana.version()
    changed = store_catalog(
        ana.connection, tracks=[TRACK], albums=[ALBUM], artists=[ARTIST], fetched_at=datetime.now(UTC)
    )
    assert changed == 3
    assert mapped(ana.connection, provisional_id("track", "band", "song")) == TRACK["id"]
    assert mapped(ana.connection, provisional_id("album", "band", "record")) == ALBUM["id"]
    assert mapped(ana.connection, provisional_id("artist", "band")) == ARTIST["id"]
    assert (ana.version(), bob.version()) == (version + 1, 1)


def test_artist_stored_after_its_track_completes_mapping(ana: Listening) -> None:
    store_catalog(ana.connection, tracks=[TRACK])
    assert mapped(ana.connection, provisional_id("track", "band", "song")) is None
    store_catalog(ana.connection, artists=[ARTIST])
    assert mapped(ana.connection, provisional_id("track", "band", "song")) == TRACK["id"]


def test_storing_equal_objects_changes_nothing(ana: Listening) -> None:
    ana.import_(account(1))
    store_catalog(ana.connection, tracks=[TRACK], artists=[ARTIST], fetched_at=datetime.now(UTC))
    version = ana.version()
    assert store_catalog(ana.connection, tracks=[TRACK], artists=[ARTIST], fetched_at=datetime.now(UTC)) == 0
    assert ana.version() == version


def test_simplified_object_and_missing_field_do_not_overwrite(ana: Listening) -> None:
    fetched = datetime(2026, 1, 2, tzinfo=UTC)
    store_catalog(ana.connection, tracks=[TRACK], fetched_at=fetched)
    store_catalog(ana.connection, tracks=[{"id": TRACK["id"], "name": "Simple", "artists": []}])
    store_catalog(
        ana.connection,
        tracks=[{k: v for k, v in TRACK.items() if k != "popularity"}],
        fetched_at=fetched + timedelta(days=1),
    )
    row = ana.connection.execute(
        "SELECT title, popularity, artist_ids[2], isrc, fetched_at FROM raw.catalog_track"
    ).fetchone()
    assert row == ("Song", 50, spotify_id("Guest"), "XX1234567890", fetched + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("1975", ("1975-01-01", "year")),
        ("1975-03", ("1975-03-01", "month")),
        ("1975-03-09", ("1975-03-09", "day")),
        ("0000", None),
        (None, None),
    ],
)
def test_release_date_is_stored_with_its_precision(
    ana: Listening, text: str | None, stored: tuple[str, str] | None
) -> None:
    store_catalog(ana.connection, albums=[ALBUM | {"release_date": text, "images": [], "artists": None}])
    row = ana.connection.execute("SELECT release_date::text, release_precision FROM raw.catalog_album").fetchone()
    assert row == (stored or (None, None))


@pytest.mark.parametrize(
    "broken", [{}, {"id": None, "name": "x"}, {"id": spotify_id("x"), "name": None}, {"id": "x", "name": "short id"}]
)
def test_object_without_id_or_name_is_skipped(ana: Listening, broken: dict[str, Any]) -> None:
    assert store_catalog(ana.connection, tracks=[broken], albums=[broken], artists=[broken]) == 0
