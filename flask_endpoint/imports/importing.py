"""Import export files: land them, let the gate check them, promote them. A dry run does the same and rolls it back.

One import runs per listener. Each stage is one transaction, so a crash leaves at most a landed batch, which nobody
reads. The listener's next import deletes it, and so does the worker (`unfinished.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection

from flask_endpoint.database import APPLICATION, connect, only_row
from flask_endpoint.errors import ImportRefused, NotAnExport, NoValidRow
from flask_endpoint.exports.sources import Source, find_sources
from flask_endpoint.imports.gate import started_gate
from flask_endpoint.imports.records import count_repaired_texts, rejected_by_reason
from flask_endpoint.imports.unfinished import delete_unfinished
from flask_endpoint.landing.batches import LandedFile, land_import
from flask_endpoint.landing.deletions import check_not_deleted
from flask_endpoint.listeners.listeners import Listener, check_listener_id, check_time_zone, ensure_listener
from flask_endpoint.locks import import_lock
from flask_endpoint.progress import Progress, ReadingProgress, ReportProgress
from flask_endpoint.reconciliation.promote import Balance, promote
from flask_endpoint.reconciliation.undo import delete_unfinished_imports, record_time_zone
from flask_endpoint.settings import ImportSettings


@dataclass(frozen=True)
class ImportResult:
    """The result of an import or a dry run.

    `import_id` is None for a dry run. `rejected` counts the rejected rows by reason. `repaired_texts` counts the texts
    with U+FFFD, which replaces broken bytes and the end of a text that is too long. `warnings` are the checks of the gate that warn.
    """

    import_id: int | None
    listener_id: str
    time_zone: str
    is_zone_assumed: bool
    is_dry_run: bool
    files: list[str]
    balance: Balance
    rejected: dict[str, int]
    repaired_texts: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Request:
    listener_id: str
    time_zone: str | None
    requested_at: datetime
    is_dry_run: bool


@dataclass(frozen=True)
class _LandedImport:
    import_id: int
    batch_id: int
    listener: Listener
    files: list[LandedFile]


def import_files(
    settings: ImportSettings,
    listener_id: str,
    paths: list[Path],
    *,
    time_zone: str | None = None,
    is_dry_run: bool = False,
    progress: ReportProgress | None = None,
    requested_at: datetime | None = None,
    session_name: str = APPLICATION,
) -> ImportResult:
    """Import export files for a listener, who is created if missing. Raises EndpointError; then no play changes.

    If the listener was deleted after `requested_at`, by default the start of this function, raise ListenerDeleted.
    """
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    url = settings.endpoint_database_url.get_secret_value()
    try:
        sources = find_sources(paths)
        with connect(url, session_name) as connection:
            connection.autocommit = True  # Each `connection.transaction()` is then a transaction of its own.
            if requested_at is None:
                (requested_at,) = only_row(connection, "SELECT clock_timestamp()")
            request = _Request(listener_id, time_zone, requested_at, is_dry_run)
            with import_lock(connection, listener_id):
                return _import(connection, settings, request, sources, progress or (lambda _: None))
    except Exception:
        # A deletion ends this import's session and deletes its uploaded files, so it may be the reason for any error.
        if requested_at is not None:
            with connect(url) as connection:
                check_not_deleted(connection, listener_id, requested_at)
        raise


def _import(
    connection: Connection,
    settings: ImportSettings,
    request: _Request,
    sources: list[Source],
    report_progress: ReportProgress,
) -> ImportResult:
    with connection.transaction():
        landed = _land(connection, request, sources, report_progress)
    is_recorded = False
    try:
        with (
            started_gate(settings, [landed.batch_id]) as wait_for_gate,
            connection.transaction(force_rollback=request.is_dry_run),
        ):
            result = _promote(connection, landed, request, report_progress, wait_for_gate)
        is_recorded = not request.is_dry_run
    except ImportRefused as refused:
        if not request.is_dry_run:
            with connection.transaction():
                _record_refusal(connection, landed, refused.message)
            is_recorded = True
        raise
    finally:
        if not is_recorded and not connection.closed:
            with connection.transaction():
                delete_unfinished(connection, request.listener_id)
    return result


def _land(
    connection: Connection, request: _Request, sources: list[Source], report_progress: ReportProgress
) -> _LandedImport:
    listener_id = request.listener_id
    check_not_deleted(connection, listener_id, request.requested_at)
    delete_unfinished_imports(connection, listener_id)
    is_known = (
        connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is not None
    )
    # The zone of a known listener is set during promotion. Until then the listener's row stays unlocked for others.
    listener = ensure_listener(connection, listener_id, time_zone=None if is_known else request.time_zone)
    now = datetime.now(UTC)
    (import_id,) = only_row(
        connection,
        "INSERT INTO raw.import (listener_id, started_at, files, time_zone) VALUES (%s, %s, '{}', %s) RETURNING import_id",
        (listener_id, now, listener.time_zone if listener.is_new else None),
    )
    reading = ReadingProgress((source.name, source.size) for source in sources)

    def report_rows(file: str, rows: int) -> None:
        report_progress(reading.after(rows, file))

    batch_id, files = land_import(connection, listener_id, import_id, sources, now=now, report_rows=report_rows)
    if not files:
        raise NotAnExport(
            "The files contain no listening history. Send the zip that Spotify provides, or the JSON files in it."
        )
    names = [file.name for file in files]
    connection.execute("UPDATE raw.import SET status = 'landed', files = %s WHERE import_id = %s", (names, import_id))
    (row_count,) = only_row(
        connection, "SELECT rows_landed + rows_refused FROM landing.batch WHERE batch_id = %s", (batch_id,)
    )
    if not row_count:
        raise NotAnExport(f"There is no play in {', '.join(names)}. Request another export from Spotify.")
    return _LandedImport(import_id, batch_id, listener, files)


def _promote(
    connection: Connection,
    landed: _LandedImport,
    request: _Request,
    report_progress: ReportProgress,
    wait_for_gate: Callable[[], list[str]],
) -> ImportResult:
    """Recompute the plays while the gate checks the rows. `wait_for_gate` raises if the rows do not pass."""
    report_progress(Progress("checking and reconciling"))
    warnings: list[str] = []
    repaired_texts = count_repaired_texts(connection, landed.batch_id)
    balance = promote(connection, landed.batch_id, lambda: warnings.extend(wait_for_gate()))
    rejected = rejected_by_reason(connection, landed.batch_id, balance.rows_rejected)
    if balance.rows_rejected == balance.rows_read:
        raise NoValidRow(
            f"All {balance.rows_read:,} rows were rejected, most of them because: {max(rejected, key=rejected.__getitem__)}. "
            "Nothing was imported. The files are damaged, or of a kind that cannot be read. Request a new export from Spotify."
        )
    if request.time_zone is not None:
        record_time_zone(connection, landed.import_id, request.time_zone)
    listener = ensure_listener(connection, request.listener_id, time_zone=request.time_zone)
    return ImportResult(
        import_id=None if request.is_dry_run else landed.import_id,
        listener_id=listener.listener_id,
        time_zone=listener.time_zone,
        is_zone_assumed=landed.listener.is_zone_assumed,
        is_dry_run=request.is_dry_run,
        files=[file.name for file in landed.files],
        balance=balance,
        rejected=rejected,
        repaired_texts=repaired_texts,
        warnings=warnings,
    )


def _record_refusal(connection: Connection, landed: _LandedImport, reason: str) -> None:
    """Record that the import was refused. The rows stay in landing, so that the reason can be examined."""
    connection.execute(
        "UPDATE landing.batch SET status = 'refused', finished_at = now() WHERE batch_id = %s", (landed.batch_id,)
    )
    connection.execute(
        "UPDATE raw.import SET status = 'refused', finished_at = now(), reason = %s WHERE import_id = %s",
        (reason, landed.import_id),
    )
