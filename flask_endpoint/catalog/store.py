"""Store tracks, albums and artists as Spotify describes them, once for all listeners."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from psycopg import Connection

from flask_endpoint.catalog.objects import AlbumRow, ArtistRow, TrackRow, album_row, artist_row, track_row
from flask_endpoint.locks import lock_id_map
from flask_endpoint.reconciliation.recompute import map_ids

SQL_FOLDER = Path(__file__).parent
TEMP_TABLES = "stored_track stored_album stored_artist item touched mapped evidence catalog_source"
COLUMNS = {"track": TrackRow._fields, "album": AlbumRow._fields, "artist": ArtistRow._fields}

SpotifyObjects = Iterable[Mapping[str, Any]]
Kind = Literal["track", "album", "artist"]
CatalogRow = TrackRow | AlbumRow | ArtistRow
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

    Without `fetched_at` the objects are simplified and never change a fetched item. Objects without an id or a name are
    ignored. A missing field leaves the stored value. Raise the version of every listener who played a changed item.
    """
    make_staging(connection)
    stage(connection, "track", _rows(track_row, tracks), fetched_at)
    stage(connection, "album", _rows(album_row, albums), fetched_at)
    stage(connection, "artist", _rows(artist_row, artists), fetched_at)
    return sum(store_staged(connection).values())


def make_staging(connection: Connection) -> None:
    """Create an empty temporary table for each catalog table, with the same columns."""
    connection.execute(
        f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{table}' for table in TEMP_TABLES.split())}".encode()
    )
    for kind in COLUMNS:
        connection.execute(
            f"CREATE TEMP TABLE stored_{kind} (LIKE raw.catalog_{kind} INCLUDING DEFAULTS) ON COMMIT DROP".encode()
        )


def stage(connection: Connection, kind: Kind, rows: Iterable[CatalogRow], fetched_at: datetime | None = None) -> None:
    """Copy rows into the temporary table of their kind."""
    copy_in = f"COPY stored_{kind} ({', '.join(COLUMNS[kind])}, fetched_at) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy_in.encode()) as copy:
        for row in rows:
            copy.write_row((*row, fetched_at))


def store_staged(connection: Connection) -> dict[str, int]:
    """Move the staged rows to the catalog and update id map and versions; return the number of changed items by kind."""
    lock_id_map(connection)
    connection.execute((SQL_FOLDER / "store.sql").read_bytes())
    connection.execute((SQL_FOLDER / "evidence.sql").read_bytes())
    map_ids(connection)
    connection.execute((SQL_FOLDER / "versions.sql").read_bytes())
    return dict(connection.execute("SELECT kind, count(*) FROM item WHERE is_stored GROUP BY kind").fetchall())


def _rows(to_row: Callable[[Mapping[str, Any]], Row | None], objects: SpotifyObjects) -> Iterable[Row]:
    """Return the objects as rows; of several objects with one id, only the last."""
    return {row[0]: row for thing in objects if (row := to_row(thing)) is not None}.values()
