"""Catalogue files: tracks and their albums as CSV, gzipped or not, so that Spotify need not be asked about each first.

One row per track and playlist, as such files have it: a track may come again. A file is no answer of Spotify's: it changes
nothing that Spotify said, and what it tells is still asked later. Artists' ids, the number of an album's tracks and the like
it does not know, and they stay null.
"""

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from zlib import error as ZlibError

from psycopg import Connection

from flask_endpoint.catalog.objects import AlbumRow, TrackRow, album_row, track_row
from flask_endpoint.catalog.store import HERE, make_staging, stage, store_staged
from flask_endpoint.database import connect
from flask_endpoint.errors import NotACatalog
from flask_endpoint.plays.extended import SPOTIFY_ID
from flask_endpoint.plays.names import normalise
from flask_endpoint.progress import Progress, ReportProgress
from flask_endpoint.reconciliation.recompute import lock_id_map
from flask_endpoint.settings import ImportSettings

NEEDED = ("track_id", "track_name")
KNOWN = (
    *NEEDED, "track_artist", "track_popularity", "track_album_id", "track_album_name", "track_album_release_date", "duration_ms",
)  # fmt: skip
ROWS_AT_ONCE = 20_000  # in memory, before they are staged
LONGEST_LINE = 2**20  # characters
LARGEST_FILE = 8 * 2**30  # characters, decompressed
MISSING = ("", "NA")  # as people write what is not known, and as R does
MOST_POPULAR = 100


@dataclass(frozen=True)
class Told:
    """What a file said about one kind of item: `told` different ones, of which `added` were new and `changed` differed."""

    told: int
    added: int
    changed: int


@dataclass(frozen=True)
class CatalogLoad:
    """What loading a file did, or would do: `refused` counts the rows that were not taken by reason."""

    file: str
    is_dry_run: bool
    rows_read: int
    rows_refused: int
    refused: dict[str, int]
    tracks: Told
    albums: Told


class Refused(Exception):
    """A row that cannot be taken, with its reason."""


def load_catalog_file(
    settings: ImportSettings, path: Path, *, is_dry_run: bool = False, progress: ReportProgress | None = None
) -> CatalogLoad:
    """Load a file whole, or only say what it would change. Raises NotACatalog; then nothing is taken over."""
    tell = progress or (lambda _: None)
    refused: Counter[str] = Counter()
    url = settings.endpoint_database_url.get_secret_value()
    with connect(url) as connection, connection.transaction(force_rollback=is_dry_run):
        # The planner's statistics know nothing of what is loaded here: a loop in a loop over it would take for ever.
        connection.execute("SET LOCAL enable_nestloop = off")
        make_staging(connection)
        for kind in ("track", "album"):
            connection.execute(f"ALTER TABLE stored_{kind} ALTER COLUMN is_from_file SET DEFAULT true".encode())
        count = _stage_rows(connection, path, refused, tell)
        tell(Progress("storing"))
        lock_id_map(connection)
        connection.execute((HERE / "defer.sql").read_bytes())
        told = {kind: _staged(connection, kind) for kind in ("track", "album")}
        stored = store_staged(connection)
    tracks, albums = (Told(all_, new, stored.get(kind, 0) - new) for kind, (all_, new) in told.items())
    return CatalogLoad(path.name, is_dry_run, count, refused.total(), dict(refused.most_common()), tracks, albums)


def _staged(connection: Connection, kind: str) -> tuple[int, int]:
    """How many items of a kind are staged, and how many of them are new."""
    query = f"SELECT count(*), count(*) FILTER (WHERE c.{kind}_id IS NULL) FROM stored_{kind} LEFT JOIN raw.catalog_{kind} AS c USING ({kind}_id)"
    [(all_, new)] = connection.execute(query.encode()).fetchall()
    return all_, new


def _stage_rows(connection: Connection, path: Path, refused: Counter[str], tell: ReportProgress) -> int:
    """Stage the rows that can be taken, some at a time; count the others by reason, and all."""
    tracks: dict[str, TrackRow] = {}
    albums: dict[str, AlbumRow] = {}
    count = 0
    with _opened(path) as (file, size):
        for count, row in enumerate(_rows(path, file), start=1):
            try:
                if isinstance(row, Refused):
                    raise row
                track, album = _track(row), _album(row)
                tracks[track.track_id] = track
                if album:
                    albums[album.album_id] = album
            except Refused as refusal:
                refused[str(refusal)] += 1
            if count % ROWS_AT_ONCE == 0:
                stage(connection, "track", tracks.values())
                stage(connection, "album", albums.values())
                tracks.clear()
                albums.clear()
                tell(Progress("reading", path.name, count, file.tell(), size))
    stage(connection, "track", tracks.values())
    stage(connection, "album", albums.values())
    return count


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """The file as it lies on disk, and its size; what is wrong with it while it is read becomes NotACatalog."""
    try:
        with path.open("rb") as file:
            yield file, path.stat().st_size
    except (OSError, EOFError, ZlibError) as error:
        raise NotACatalog(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except csv.Error as error:
        raise NotACatalog(f"{path.name} is no CSV: {error}.") from error


def _rows(path: Path, file: BinaryIO) -> Iterator[dict[str, str | None] | Refused]:
    """Each row's known columns by name; None for what is missing."""
    rows = csv.reader(_lines(path, file))
    header = next(rows, [])
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise NotACatalog(
            f"{path.name} has no column {' and '.join(missing)}: its first line must name the columns, of which "
            f"{', '.join(KNOWN)} are read."
        )
    places = {name: header.index(name) for name in KNOWN if name in header}
    for row in rows:
        if len(row) != len(header):
            yield Refused("another number of fields than the first line has")
        else:
            yield {name: None if row[place].strip() in MISSING else row[place] for name, place in places.items()}


def _lines(path: Path, file: BinaryIO) -> Iterator[str]:
    """The file's lines, none longer than memory bears; bytes that are no UTF-8 are marked, for the row to be refused."""
    is_gzip = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    plain = gzip.GzipFile(fileobj=file) if is_gzip else file
    text = io.TextIOWrapper(plain, encoding="utf-8-sig", errors="surrogateescape", newline="")
    length = 0
    while line := text.readline(LONGEST_LINE):
        length += len(line)
        if len(line) == LONGEST_LINE or length > LARGEST_FILE:
            raise NotACatalog(f"{path.name} is no catalogue: it is too large, or has a line that is.")
        yield line


def _track(row: dict[str, str | None]) -> TrackRow:
    if not SPOTIFY_ID.fullmatch(row["track_id"] or ""):
        raise Refused("no id of Spotify's, 22 letters and digits, in track_id")
    popularity = _number(row, "track_popularity", MOST_POPULAR)
    track = track_row(
        {
            "id": row["track_id"],
            "name": _text(row, "track_name"),
            "album": {"id": row.get("track_album_id")},
            "duration_ms": _number(row, "duration_ms"),
            "popularity": popularity,
        }
    )
    if track is None:
        raise Refused("no title in track_name")
    return track._replace(file_artist_key=normalise(_text(row, "track_artist")))


def _album(row: dict[str, str | None]) -> AlbumRow | None:
    """The row's album, where it has one with a title."""
    released = row.get("track_album_release_date")
    name = _text(row, "track_album_name")
    album = album_row({"id": row.get("track_album_id"), "name": name, "release_date": released})
    if album and released and album.release_date is None:
        raise Refused("no date, month or year in track_album_release_date")
    return album


def _text(row: dict[str, str | None], column: str) -> str | None:
    """A name; raises Refused where it is no UTF-8."""
    text = row.get(column)
    if text is not None and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused(f"no UTF-8 text in {column}")
    return text


def _number(row: dict[str, str | None], column: str, most: int = 2**31 - 1) -> int | None:
    text = row.get(column)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and int(text) <= most):
        raise Refused(f"no whole number, 0 to {most}, in {column}")
    return int(text)
