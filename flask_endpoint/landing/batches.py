"""Land batches. A batch is one poll or one import. Its rows go to landing.play, its rejected rows to landing.rejected."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from psycopg import Connection

from flask_endpoint.database import only_row
from flask_endpoint.errors import NotAnExport, NotFound
from flask_endpoint.exports.files import ExportLines, Line, read_files
from flask_endpoint.exports.recognise import RecognisedFile, group_by_export, is_complete
from flask_endpoint.exports.sources import Source
from flask_endpoint.landing.copying import COLUMNS, NULL, copy_line
from flask_endpoint.locks import lock_for_landing
from flask_endpoint.plays import api
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.row import Rejected

ROWS_PER_COPY = 100_000
ROWS_PER_WRITE = 1_000
MOST_REJECTED = 10_000  # rejected rows before the first valid play, of one file or of files without a play
REJECTED_PER_COPY = 10_000  # rejected rows kept in memory until they are written
ROWS_PER_REPORT = 5_000  # rows between two progress reports
COPY_PLAYS = f"COPY landing.play (batch_id, row_number, file_number, {', '.join(COLUMNS)}) FROM STDIN"
COPY_REJECTED = "COPY landing.rejected (batch_id, row_number, file, file_row, reason) FROM STDIN"

# Spotify returns the latest plays, known or not. If a poll contains no known play, plays before it may be missing.
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

ReportRows = Callable[[str, int], None]  # takes the current file, "" for a poll, and the rows read so far


class PositionedRow(NamedTuple):
    """A row and its position in an import: the file, its number and the row in it, from 1. They are None for a poll."""

    row: Line | Rejected
    file: str | None = None
    file_number: int | None = None
    file_row: int | None = None


@dataclass(frozen=True)
class LandedFile:
    """An export file whose rows have landed."""

    name: str
    folder: str
    recognised: RecognisedFile


def land_poll(
    connection: Connection, listener_id: str, items: Sequence[object], *, polled_at: datetime, overlaps: bool = False
) -> int:
    """Land items of recently-played; return the batch's id. Raises NotFound if the listener does not exist.

    `overlaps` says that the poll contained known plays, which the caller left out, so there is no gap before it.
    """
    batch_id = _open_batch(connection, listener_id, "poll", None, polled_at)
    horizon = Horizon(polled_at)
    rows = (PositionedRow(_parse_item(item, horizon, listener_id)) for item in items)
    _land(connection, batch_id, rows, lambda _file, _rows: None)
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
    report_rows: ReportRows,
) -> tuple[int, list[LandedFile]]:
    """Land the exports among the sources; return the batch's id and the landed files.

    Raises NotAnExport, ReadingFailed, and NotFound if the listener does not exist.
    """
    batch_id = _open_batch(connection, listener_id, "import", import_id, now)
    files: list[LandedFile] = []
    _land(connection, batch_id, _positioned_rows(read_files(sources, Horizon(now), listener_id), files), report_rows)
    _record_spans(connection, batch_id, import_id, files)
    return batch_id, files


def _record_spans(connection: Connection, batch_id: int, import_id: int, files: list[LandedFile]) -> None:
    """Record the period of each export in raw.import_span. Coverage is computed from these spans."""
    exports = group_by_export([(file.folder, file.recognised) for file in files])
    export_of = {position: number for number, positions in enumerate(exports, start=1) for position in positions}
    complete = [
        n for n, positions in enumerate(exports, start=1) if is_complete([files[i].recognised for i in positions])
    ]
    spans = connection.execute(  # PostgreSQL reads in parallel only for a SELECT of its own, not for INSERT ... SELECT.
        "SELECT origin, export_number, min(ended_at), max(greatest(ts, ended_at)) "
        "FROM landing.play JOIN unnest(%s::integer[]) WITH ORDINALITY AS e (export_number, file_number) USING (file_number) "
        "WHERE batch_id = %s GROUP BY origin, export_number",
        ([export_of[position] for position in range(len(files))], batch_id),
    ).fetchall()
    connection.cursor().executemany(
        "INSERT INTO raw.import_span (import_id, origin, export_number, started_at, ended_at, basis) VALUES (%s, %s, %s, %s, %s, %s)",
        [(import_id, *span, "export" if span[1] in complete else "partly") for span in spans],
    )


def _parse_item(item: object, horizon: Horizon, listener_id: str) -> Line | Rejected:
    try:
        return copy_line(listener_id, api.play_row(item, horizon))
    except Rejected as rejected:
        return rejected


def _positioned_rows(exports: Iterable[ExportLines], files: list[LandedFile]) -> Iterator[PositionedRow]:
    """Yield the rows of all exports, and append each export's file to `files` before its rows.

    Raises NotAnExport after MOST_REJECTED rejected rows at the start of a file, or of several files without a valid play.
    """
    reasons: Counter[str] = Counter()  # of the rows before the first valid play
    for export in exports:
        name, has_play = export.name, False
        files.append(LandedFile(name, export.folder, export.recognised))
        number = len(files)
        for file_row, row in enumerate(export.rows, start=1):
            if not has_play:
                if isinstance(row, Rejected):
                    reasons[str(row)] += 1
                    if reasons.total() >= MOST_REJECTED:
                        raise _without_play(name, reasons)
                else:
                    has_play = True
                    reasons.clear()
            yield PositionedRow(row, name, number, file_row)


def _without_play(name: str, reasons: Counter[str]) -> NotAnExport:
    [(reason, _)] = reasons.most_common(1)
    return NotAnExport(
        f"{name}: {MOST_REJECTED:,} rows were rejected before the first valid play, most of them because: {reason}. Reading stopped and "
        "nothing was imported. The files are damaged, or of a kind that cannot be read. Request a new export from Spotify."
    )


def _open_batch(connection: Connection, listener_id: str, kind: str, import_id: int | None, landed_at: datetime) -> int:
    lock_for_landing(connection, listener_id)
    if connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is None:
        raise NotFound(f"Listener {listener_id} was deleted meanwhile. Nothing was landed.")
    (batch_id,) = only_row(
        connection,
        "INSERT INTO landing.batch (listener_id, kind, import_id, landed_at) VALUES (%s, %s, %s, %s) RETURNING batch_id",
        (listener_id, kind, import_id, landed_at),
    )
    return int(batch_id)


def _land(connection: Connection, batch_id: int, rows: Iterator[PositionedRow], report_rows: ReportRows) -> None:
    numbered = enumerate(rows, start=1)
    landed_count = rejected_count = 0
    while (first := next(numbered, None)) is not None:
        rejected, written = _copy_part(connection, batch_id, chain([first], numbered), report_rows)
        _copy_rejected(connection, batch_id, rejected)
        landed_count, rejected_count = landed_count + written, rejected_count + len(rejected)
    connection.execute(
        "UPDATE landing.batch SET rows_landed = %s, rows_refused = %s WHERE batch_id = %s",
        (landed_count, rejected_count, batch_id),
    )


def _copy_part(
    connection: Connection, batch_id: int, numbered: Iterator[tuple[int, PositionedRow]], report_rows: ReportRows
) -> tuple[list[tuple[int, PositionedRow]], int]:
    """Copy rows until ROWS_PER_COPY or REJECTED_PER_COPY is reached; return the rejected rows and the number copied."""
    rejected: list[tuple[int, PositionedRow]] = []
    lines: list[str] = []
    written = 0
    with connection.cursor() as cursor, cursor.copy(COPY_PLAYS) as copy:
        for number, positioned in numbered:
            row, file, file_number, _ = positioned
            if type(row) is str:
                lines.append(f"{batch_id}\t{number}\t{NULL if file_number is None else file_number}\t{row}\n")
                written += 1
            else:
                rejected.append((number, positioned))
            if len(lines) == ROWS_PER_WRITE:
                copy.write("".join(lines))
                lines.clear()
            if number % ROWS_PER_REPORT == 0:
                report_rows(file or "", number)
            if written >= ROWS_PER_COPY or len(rejected) >= REJECTED_PER_COPY:
                break
        copy.write("".join(lines))
    return rejected, written


def _copy_rejected(connection: Connection, batch_id: int, rejected: list[tuple[int, PositionedRow]]) -> None:
    if not rejected:
        return
    with connection.cursor() as cursor, cursor.copy(COPY_REJECTED) as copy:
        for number, positioned in rejected:
            copy.write_row((batch_id, number, positioned.file, positioned.file_row, str(positioned.row)))
