"""Batches into landing: one poll or one import, by COPY, rejected rows beside them with their reasons."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.errors import NotFound
from flask_endpoint.exports.files import ExportLines, Line, read_files
from flask_endpoint.exports.recognise import Recognised, exports_among, is_complete
from flask_endpoint.exports.sources import Source
from flask_endpoint.landing.copying import COLUMNS, NULL, copied_row
from flask_endpoint.plays import api
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import Rejected

ROWS_PER_COPY = 100_000
ROWS_PER_BLOCK = 1_000  # sent to the server at once
MOST_REJECTED_HELD = 10_000  # rejected rows in memory before they are written
PROGRESS_EVERY = 5_000  # rows
COPY_PLAYS = f"COPY landing.play (batch_id, row_number, file_number, {', '.join(COLUMNS)}) FROM STDIN"
COPY_REJECTED = "COPY landing.rejected (batch_id, row_number, file, file_row, reason) FROM STDIN"

# Spotify tells the latest plays, known ones too: without one of them plays between this poll and those before may be missing.
MARK_GAP = """
    UPDATE landing.batch AS b SET has_gap = true
    WHERE b.batch_id = %s AND b.first_ended_at IS NOT NULL
      AND EXISTS (
          SELECT FROM landing.batch AS e
          WHERE e.listener_id = b.listener_id AND e.kind = 'poll' AND e.batch_id < b.batch_id AND e.first_ended_at IS NOT NULL
      )
      AND NOT EXISTS (
          SELECT FROM landing.play AS p
          JOIN landing.play AS h ON h.origin = 'api' AND h.ended_at = p.ended_at AND h.track_id IS NOT DISTINCT FROM p.track_id
          JOIN landing.batch AS e ON e.batch_id = h.batch_id AND e.listener_id = b.listener_id AND e.batch_id < b.batch_id
          WHERE p.batch_id = b.batch_id
      )
"""

RowsRead = Callable[[str, int], None]


class Placed(NamedTuple):
    """A row and where it stood: file, its number and the row's in it are None for a poll."""

    row: Line | Rejected
    file: str | None = None
    file_number: int | None = None
    file_row: int | None = None


@dataclass(frozen=True)
class LandedFile:
    """A file that was an export."""

    name: str
    folder: str
    recognised: Recognised


def hold_for_landing(connection: Connection, listener_id: str) -> None:
    """Keep the listener from being deleted until the transaction ends. Taken before any other lock on what is theirs.

    Landed rows have no foreign key: those of a batch whose listener goes meanwhile would stay for ever.
    """
    connection.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended('landing of ' || %s, 0))", (listener_id,))


def wait_for_landing(connection: Connection, listener_id: str) -> None:
    """Wait until nothing of the listener is being landed, and let nothing be until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('landing of ' || %s, 0))", (listener_id,))


def land_poll(
    connection: Connection, listener_id: str, items: Sequence[object], *, polled_at: datetime, overlaps: bool = False
) -> int:
    """Land the items of recently-played as they came, known ones too; return the batch's id. Raises NotFound.

    `overlaps` says that known ones were left out.
    """
    batch_id = _open_batch(connection, listener_id, "poll", None, polled_at)
    horizon = Horizon(polled_at)
    rows = (Placed(_line_of_item(item, horizon, listener_id)) for item in items)
    _land(connection, batch_id, rows, lambda file, rows: None)
    connection.execute(
        "UPDATE landing.batch AS b SET (first_ended_at, last_ended_at) = "
        "(SELECT min(ended_at), max(ended_at) FROM landing.play AS p WHERE p.batch_id = b.batch_id) WHERE batch_id = %s",
        (batch_id,),
    )
    if not overlaps:
        connection.execute(MARK_GAP, (batch_id,))
    return batch_id


def land_import(
    connection: Connection,
    listener_id: str,
    import_id: int,
    sources: Sequence[Source],
    *,
    now: datetime,
    rows_read: RowsRead,
) -> tuple[int, list[LandedFile]]:
    """Land every export among `sources`; return the batch's id and the files that were one. Raises NotAnExport, NotFound."""
    batch_id = _open_batch(connection, listener_id, "import", import_id, now)
    files: list[LandedFile] = []
    _land(connection, batch_id, _placed_rows(read_files(sources, Horizon(now), listener_id), files), rows_read)
    _record_spans(connection, batch_id, import_id, files)
    return batch_id, files


def _record_spans(connection: Connection, batch_id: int, import_id: int, files: list[LandedFile]) -> None:
    """Note the span of each export: what coverage is computed from, and how far the import reaches."""
    exports = exports_among([(file.folder, file.recognised) for file in files])
    export_of = {place: number for number, places in enumerate(exports, start=1) for place in places}
    complete = [n for n, places in enumerate(exports, start=1) if is_complete(files[i].recognised for i in places)]
    spans = connection.execute(  # By itself, not within the INSERT, several processes can read the rows.
        "SELECT origin, export_number, min(ended_at), max(greatest(ts, ended_at)) "
        "FROM landing.play JOIN unnest(%s::integer[]) WITH ORDINALITY AS e (export_number, file_number) USING (file_number) "
        "WHERE batch_id = %s GROUP BY origin, export_number",
        ([export_of[place] for place in range(len(files))], batch_id),
    ).fetchall()
    connection.cursor().executemany(
        "INSERT INTO raw.import_span (import_id, origin, export_number, started_at, ended_at, basis) VALUES (%s, %s, %s, %s, %s, %s)",
        [(import_id, *span, "export" if span[1] in complete else "partly") for span in spans],
    )


def _line_of_item(item: object, horizon: Horizon, listener_id: str) -> Line | Rejected:
    try:
        return copied_row(listener_id, api.play_row(item, horizon))
    except Rejected as rejected:
        return rejected


def _placed_rows(exports: Iterable[ExportLines], files: list[LandedFile]) -> Iterator[Placed]:
    for export in exports:
        name = export.name
        files.append(LandedFile(name, export.folder, export.recognised))
        number = len(files)
        for file_row, row in enumerate(export.rows, start=1):
            yield Placed(row, name, number, file_row)


def _open_batch(connection: Connection, listener_id: str, kind: str, import_id: int | None, landed_at: datetime) -> int:
    hold_for_landing(connection, listener_id)
    if connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is None:
        raise NotFound(f"Listener {listener_id} was deleted meanwhile: nothing was landed.")
    (batch_id,) = only_row(
        connection,
        "INSERT INTO landing.batch (listener_id, kind, import_id, landed_at) VALUES (%s, %s, %s, %s) RETURNING batch_id",
        (listener_id, kind, import_id, landed_at),
    )
    return int(batch_id)


def _land(connection: Connection, batch_id: int, rows: Iterator[Placed], rows_read: RowsRead) -> None:
    numbered = enumerate(rows, start=1)
    landed = refused = 0
    while (first := next(numbered, None)) is not None:
        rejected, written = _copy_some(connection, batch_id, chain([first], numbered), rows_read)
        _copy_rejected(connection, batch_id, rejected)
        landed, refused = landed + written, refused + len(rejected)
    connection.execute(
        "UPDATE landing.batch SET rows_landed = %s, rows_refused = %s WHERE batch_id = %s", (landed, refused, batch_id)
    )


def _copy_some(
    connection: Connection, batch_id: int, numbered: Iterator[tuple[int, Placed]], rows_read: RowsRead
) -> tuple[list[tuple[int, Placed]], int]:
    """Write rows until enough are written or rejected; return the rejected ones and how many were written."""
    rejected: list[tuple[int, Placed]] = []
    lines: list[str] = []
    written = 0
    with connection.cursor() as cursor, cursor.copy(COPY_PLAYS) as copy:
        for number, placed in numbered:
            row, file, file_number, _ = placed
            if type(row) is str:
                lines.append(f"{batch_id}\t{number}\t{NULL if file_number is None else file_number}\t{row}\n")
                written += 1
            else:
                rejected.append((number, placed))
            if len(lines) == ROWS_PER_BLOCK:
                copy.write("".join(lines))
                lines.clear()
            if number % PROGRESS_EVERY == 0:
                rows_read(file or "", number)
            if written >= ROWS_PER_COPY or len(rejected) >= MOST_REJECTED_HELD:
                break
        copy.write("".join(lines))
    return rejected, written


def _copy_rejected(connection: Connection, batch_id: int, rejected: list[tuple[int, Placed]]) -> None:
    if not rejected:
        return
    with connection.cursor() as cursor, cursor.copy(COPY_REJECTED) as copy:
        for number, placed in rejected:
            copy.write_row((batch_id, number, placed.file, placed.file_row, str(placed.row)))
