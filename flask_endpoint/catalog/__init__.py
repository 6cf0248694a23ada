"""What Spotify tells about tracks, albums and artists, stored once for all listeners."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from psycopg import Connection

from flask_endpoint.catalog.objects import AlbumRow, ArtistRow, TrackRow, album_row, artist_row, track_row
from flask_endpoint.promotion.steps import lock_id_map, map_ids

HERE = Path(__file__).parent
TEMP_TABLES = "stored_track stored_album stored_artist item touched mapped evidence catalog_source"
SpotifyObjects = Iterable[Mapping[str, Any]]


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
    lock_id_map(connection)
    connection.execute(
        f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{table}' for table in TEMP_TABLES.split())}".encode()
    )
    _stage(connection, "track", TrackRow, track_row, tracks, fetched_at)
    _stage(connection, "album", AlbumRow, album_row, albums, fetched_at)
    _stage(connection, "artist", ArtistRow, artist_row, artists, fetched_at)
    connection.execute((HERE / "store.sql").read_bytes())
    connection.execute((HERE / "evidence.sql").read_bytes())
    map_ids(connection)
    connection.execute((HERE / "versions.sql").read_bytes())
    row = connection.execute("SELECT count(*) FROM item WHERE is_stored").fetchone()
    return int(row[0]) if row else 0


def _stage(
    connection: Connection,
    kind: str,
    type_: type[NamedTuple],
    to_row: Callable[[Mapping[str, Any]], Any],
    objects: SpotifyObjects,
    fetched_at: datetime | None,
) -> None:
    """Copy the rows into a temporary table like the catalogue's; the last of several with one id counts."""
    rows = {row[0]: row for thing in objects if (row := to_row(thing)) is not None}
    connection.execute(f"CREATE TEMP TABLE stored_{kind} (LIKE raw.catalog_{kind}) ON COMMIT DROP".encode())
    copy_in = f"COPY stored_{kind} ({', '.join(type_._fields)}, fetched_at) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy_in.encode()) as copy:
        for row in rows.values():
            copy.write_row((*row, fetched_at))
