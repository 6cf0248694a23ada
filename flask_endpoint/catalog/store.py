"""What Spotify tells about tracks, albums and artists, stored once for all listeners."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from psycopg import Connection

from flask_endpoint.catalog.objects import AlbumRow, ArtistRow, TrackRow, album_row, artist_row, track_row
from flask_endpoint.reconciliation.recompute import lock_id_map, map_ids

HERE = Path(__file__).parent
TEMP_TABLES = "stored_track stored_album stored_artist item touched mapped evidence catalog_source"
COLUMNS = {"track": TrackRow._fields, "album": AlbumRow._fields, "artist": ArtistRow._fields}

SpotifyObjects = Iterable[Mapping[str, Any]]
Kind = Literal["track", "album", "artist"]
Rows = TrackRow | AlbumRow | ArtistRow
Row = TypeVar("Row", TrackRow, AlbumRow, ArtistRow)


def store_catalog(
    connection: Connection,
    *,
    tracks: SpotifyObjects = (),
    albums: SpotifyObjects = (),
    artists: SpotifyObjects = (),
    fetched_at: datetime | None = None,
) -> int:
    """Store Spotify's objects, full or simplified; return how many items changed.

    Without `fetched_at` they are simplified and never change what was fetched. Objects without an id or a name are passed
    over; a field that is missing leaves what was known. Raises the version of everybody who played a changed item.
    """
    make_staging(connection)
    stage(connection, "track", _rows(track_row, tracks), fetched_at)
    stage(connection, "album", _rows(album_row, albums), fetched_at)
    stage(connection, "artist", _rows(artist_row, artists), fetched_at)
    return sum(store_staged(connection).values())


def make_staging(connection: Connection) -> None:
    """Make an empty temporary table like each of the catalogue's."""
    connection.execute(
        f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{table}' for table in TEMP_TABLES.split())}".encode()
    )
    for kind in COLUMNS:
        connection.execute(
            f"CREATE TEMP TABLE stored_{kind} (LIKE raw.catalog_{kind} INCLUDING DEFAULTS) ON COMMIT DROP".encode()
        )


def stage(connection: Connection, kind: Kind, rows: Iterable[Rows], fetched_at: datetime | None = None) -> None:
    """Copy rows into a temporary table."""
    copy_in = f"COPY stored_{kind} ({', '.join(COLUMNS[kind])}, fetched_at) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy_in.encode()) as copy:
        for row in rows:
            copy.write_row((*row, fetched_at))


def store_staged(connection: Connection) -> dict[str, int]:
    """Bring what is staged into the catalogue, with all that follows from it; return how many items of a kind changed."""
    lock_id_map(connection)
    connection.execute((HERE / "store.sql").read_bytes())
    connection.execute((HERE / "evidence.sql").read_bytes())
    map_ids(connection)
    connection.execute((HERE / "versions.sql").read_bytes())
    return dict(connection.execute("SELECT kind, count(*) FROM item WHERE is_stored GROUP BY kind").fetchall())


def _rows(to_row: Callable[[Mapping[str, Any]], Row | None], objects: SpotifyObjects) -> Iterable[Row]:
    """The last of several objects with one id counts."""
    return {row[0]: row for thing in objects if (row := to_row(thing)) is not None}.values()
