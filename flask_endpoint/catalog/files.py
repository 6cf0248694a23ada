"""Load catalog files: tracks and their albums as CSV, optionally gzipped. They give the details of tracks that were not yet requested from Spotify.

A file has one row per track and playlist, so a track may occur several times. A file never changes what Spotify described, and its
tracks are still requested from Spotify later. Columns that a file does not have, such as artists' ids, stay null.
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
from flask_endpoint.catalog.store import SQL_FOLDER, make_staging, stage, store_staged
from flask_endpoint.database import APPLICATION, connect
from flask_endpoint.errors import NotACatalog
from flask_endpoint.exports.sources import LARGEST_RATIO, is_bomb
from flask_endpoint.locks import lock_id_map
from flask_endpoint.plays.extended import SPOTIFY_ID
from flask_endpoint.plays.names import normalise
from flask_endpoint.plays.text import repair_text
from flask_endpoint.progress import Progress, ReportProgress
from flask_endpoint.settings import ImportSettings

REQUIRED_COLUMNS = ("track_id", "track_name")
READ_COLUMNS = (
    *REQUIRED_COLUMNS, "track_artist", "track_popularity", "track_album_id", "track_album_name", "track_album_release_date", "duration_ms",
)  # fmt: skip
ROWS_PER_STAGE = 20_000  # rows in memory before they are staged
MAX_LINE_LENGTH = 2**20  # characters
MAX_FILE_LENGTH = 8 * 2**30  # characters, decompressed
MISSING_VALUES = ("", "NA")  # R writes NA.
MAX_POPULARITY = 100


@dataclass(frozen=True)
class FileItems:
    """The items of one kind in a file: `told` is their number without repetitions, `added` were new, `changed` differed from the catalog.

    Clients read these names in the job's result and in the command's JSON.
    """

    told: int
    added: int
    changed: int


@dataclass(frozen=True)
class CatalogLoad:
    """The result of loading a file, or of a dry run: `refused` has the number of refused rows by reason."""

    file: str
    is_dry_run: bool
    rows_read: int
    rows_refused: int
    refused: dict[str, int]
    tracks: FileItems
    albums: FileItems


class RefusedRow(Exception):
    """A row that cannot be loaded; the message is the reason."""


def load_catalog_file(
    settings: ImportSettings,
    path: Path,
    *,
    is_dry_run: bool = False,
    progress: ReportProgress | None = None,
    session_name: str = APPLICATION,
) -> CatalogLoad:
    """Load a whole file, or with `is_dry_run` only count what would change; return the result.

    Raise NotACatalog if the file cannot be read. Then nothing is stored.
    """
    report = progress or (lambda _: None)
    refused: Counter[str] = Counter()
    url = settings.endpoint_database_url.get_secret_value()
    with connect(url, session_name) as connection, connection.transaction(force_rollback=is_dry_run):
        # The planner has no statistics about the loaded rows and would choose nested loops, which are far slower here.
        connection.execute("SET LOCAL enable_nestloop = off")
        make_staging(connection)
        for kind in ("track", "album"):
            connection.execute(f"ALTER TABLE stored_{kind} ALTER COLUMN is_from_file SET DEFAULT true".encode())
        rows_read = _stage_rows(connection, path, refused, report)
        report(Progress("storing"))
        lock_id_map(connection)
        connection.execute((SQL_FOLDER / "defer.sql").read_bytes())
        counts = {kind: _count_staged(connection, kind) for kind in ("track", "album")}
        stored = store_staged(connection)
    tracks, albums = (FileItems(found, new, stored.get(kind, 0) - new) for kind, (found, new) in counts.items())
    return CatalogLoad(path.name, is_dry_run, rows_read, refused.total(), dict(refused.most_common()), tracks, albums)


def _count_staged(connection: Connection, kind: str) -> tuple[int, int]:
    """Return the number of staged items of a kind, and how many of them are new."""
    query = f"SELECT count(*), count(*) FILTER (WHERE c.{kind}_id IS NULL) FROM stored_{kind} LEFT JOIN raw.catalog_{kind} AS c USING ({kind}_id)"
    [(count, new)] = connection.execute(query.encode()).fetchall()
    return count, new


def _stage_rows(connection: Connection, path: Path, refused: Counter[str], report: ReportProgress) -> int:
    """Stage the valid rows in parts, and count the refused ones by reason; return the number of all rows."""
    tracks: dict[str, TrackRow] = {}
    albums: dict[str, AlbumRow] = {}
    count = 0
    with _opened(path) as (file, size):
        for count, row in enumerate(_rows(path, file), start=1):
            try:
                if isinstance(row, RefusedRow):
                    raise row
                track, album = _track(row), _album(row)
                tracks[track.track_id] = track
                if album:
                    albums[album.album_id] = album
            except RefusedRow as refusal:
                refused[str(refusal)] += 1
            if count % ROWS_PER_STAGE == 0:
                stage(connection, "track", tracks.values())
                stage(connection, "album", albums.values())
                tracks.clear()
                albums.clear()
                report(Progress("reading", path.name, count, file.tell(), size))
    stage(connection, "track", tracks.values())
    stage(connection, "album", albums.values())
    return count


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a file and yield it with its size in bytes. Errors while it is read become NotACatalog."""
    try:
        with path.open("rb") as file:
            yield file, path.stat().st_size
    except (OSError, EOFError, ZlibError) as error:
        raise NotACatalog(f"{path.name} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except csv.Error as error:
        raise NotACatalog(f"{path.name} is not valid CSV: {error}.") from error


def _rows(path: Path, file: BinaryIO) -> Iterator[dict[str, str | None] | RefusedRow]:
    """Yield the columns of each row that are read, by name; None for a missing value."""
    rows = csv.reader(_lines(path, file))
    header = next(rows, [])
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    if missing:
        raise NotACatalog(
            f"{path.name} has no column {' and '.join(missing)}: its first line must name the columns, of which "
            f"{', '.join(READ_COLUMNS)} are read."
        )
    places = {name: header.index(name) for name in READ_COLUMNS if name in header}
    for row in rows:
        if len(row) != len(header):
            yield RefusedRow("number of fields differs from that of the first line")
        else:
            yield {name: None if row[place].strip() in MISSING_VALUES else row[place] for name, place in places.items()}


def _lines(path: Path, file: BinaryIO) -> Iterator[str]:
    """Yield the lines of a file. Bytes that are not UTF-8 become surrogates, by which `_text` finds them.

    Raise NotACatalog if a line or the file is too long.
    """
    is_gzip = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    plain = gzip.GzipFile(fileobj=file) if is_gzip else file
    text = io.TextIOWrapper(plain, encoding="utf-8-sig", errors="surrogateescape", newline="")
    length, size = 0, path.stat().st_size
    while line := text.readline(MAX_LINE_LENGTH):
        length += len(line)
        if len(line) == MAX_LINE_LENGTH or length > MAX_FILE_LENGTH:
            raise NotACatalog(f"{path.name} is not a catalog file: the file or one of its lines is too long.")
        if is_gzip and is_bomb(length, size):
            raise NotACatalog(
                f"{path.name} unpacks to more than {LARGEST_RATIO} times its size. Unpack it and load that file."
            )
        yield line


def _track(row: dict[str, str | None]) -> TrackRow:
    if not SPOTIFY_ID.fullmatch(row["track_id"] or ""):
        raise RefusedRow("track_id is not a Spotify id (22 letters and digits)")
    popularity = _number(row, "track_popularity", MAX_POPULARITY)
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
        raise RefusedRow("track_name is empty")
    return track._replace(file_artist_key=normalise(_text(row, "track_artist")))


def _album(row: dict[str, str | None]) -> AlbumRow | None:
    """Return the row's album, or None without an id or a title."""
    released = row.get("track_album_release_date")
    name = _text(row, "track_album_name")
    album = album_row({"id": row.get("track_album_id"), "name": name, "release_date": released})
    if album and released and album.release_date is None:
        raise RefusedRow("track_album_release_date is not a date, month or year")
    return album


def _text(row: dict[str, str | None], column: str) -> str | None:
    """Return a text, repaired for PostgreSQL. Raise RefusedRow if it is not UTF-8."""
    text = row.get(column)
    if text is None:
        return None
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RefusedRow(f"{column} is not UTF-8")
    return repair_text(text)


def _number(row: dict[str, str | None], column: str, maximum: int = 2**31 - 1) -> int | None:
    text = row.get(column)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(maximum)) and int(text) <= maximum):
        raise RefusedRow(f"{column} is not a whole number from 0 to {maximum}")
    return int(text)
