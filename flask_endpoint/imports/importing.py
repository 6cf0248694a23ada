"""Import export files: land them, let the gate check them, promote them. A dry run does the same and rolls it back.

One import runs per listener. Each stage is one transaction, so a crash leaves at most a landed batch, which nobody
reads. The listener's next import deletes it, and so does the worker (`clear_killed_imports`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from flask_endpoint.database import connect, only_row
from flask_endpoint.errors import Conflict, ImportRefused, NotAnExport, NotFound, NoValidRow
from flask_endpoint.exports.sources import Source, find_sources
from flask_endpoint.imports.gate import started_gate
from flask_endpoint.imports.records import count_repaired_texts, rejected_by_reason
from flask_endpoint.landing.batches import LandedFile, land_import, lock_for_landing
from flask_endpoint.listeners.listeners import Listener, check_listener_id, check_time_zone, ensure_listener
from flask_endpoint.progress import Progress, ReadingProgress, ReportProgress
from flask_endpoint.reconciliation.promote import Balance, promote
from flask_endpoint.reconciliation.undo import delete_unfinished_imports, record_time_zone
from flask_endpoint.settings import ImportSettings


@dataclass(frozen=True)
class ImportResult:
    """The result of an import or a dry run.

    `import_id` is None for a dry run. `rejected` counts the rejected rows by reason. `repaired_texts` counts the names that
    contain U+FFFD in place of broken bytes. `warnings` are the checks of the gate that warn.
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
) -> ImportResult:
    """Import export files for a listener, who is created if missing. Raises EndpointError; then no play changes."""
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    sources = find_sources(paths)
    report_progress = progress or (lambda _: None)
    with connect(settings.endpoint_database_url.get_secret_value()) as connection:
        connection.autocommit = True  # Each `connection.transaction()` is then a transaction of its own.
        with _import_lock(connection, listener_id):
            return _import(connection, settings, listener_id, time_zone, sources, report_progress, is_dry_run)


def clear_killed_imports(connection: Connection) -> list[str]:
    """Delete what killed imports left behind, and return their listeners.

    A running import holds its listener's import lock and is skipped.
    """
    unfinished = connection.execute("SELECT DISTINCT listener_id FROM raw.import WHERE status IN ('running', 'landed')")
    return [listener_id for (listener_id,) in unfinished.fetchall() if _clear_killed(connection, listener_id)]


def _import(
    connection: Connection,
    settings: ImportSettings,
    listener_id: str,
    time_zone: str | None,
    sources: list[Source],
    report_progress: ReportProgress,
    is_dry_run: bool,
) -> ImportResult:
    with connection.transaction():
        landed = _land(connection, listener_id, time_zone, sources, report_progress)
    is_recorded = False
    try:
        with (
            started_gate(settings, [landed.batch_id]) as wait_for_gate,
            connection.transaction(force_rollback=is_dry_run),
        ):
            result = _promote(connection, landed, time_zone, report_progress, wait_for_gate, is_dry_run)
        is_recorded = not is_dry_run
    except ImportRefused as refused:
        if not is_dry_run:
            with connection.transaction():
                _record_refusal(connection, landed, refused.message)
            is_recorded = True
        raise
    finally:
        if not is_recorded and not connection.closed:
            with connection.transaction():
                _delete_unfinished(connection, listener_id)
    return result


@contextmanager
def _import_lock(connection: Connection, listener_id: str) -> Iterator[None]:
    """Hold the listener's import lock. It is a session lock, which PostgreSQL releases if the process is killed."""
    name = _import_lock_name(listener_id)
    try:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (name,))
    except LockNotAvailable:
        raise Conflict(f"Another import of {listener_id} is still running. Try again when it has finished.") from None
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (name,))


def _import_lock_name(listener_id: str) -> str:
    return f"import of {listener_id}"


def _land(
    connection: Connection,
    listener_id: str,
    time_zone: str | None,
    sources: list[Source],
    report_progress: ReportProgress,
) -> _LandedImport:
    is_known = (
        connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is not None
    )
    lock_for_landing(connection, listener_id)
    delete_unfinished_imports(connection, listener_id)
    # The zone of a known listener is set during promotion. Until then the listener's row stays unlocked for others.
    listener = ensure_listener(connection, listener_id, time_zone=None if is_known else time_zone)
    if is_known and listener.is_new:
        raise NotFound(f"Listener {listener_id} was deleted during the import. Nothing was imported.")
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
    time_zone: str | None,
    report_progress: ReportProgress,
    wait_for_gate: Callable[[], list[str]],
    is_dry_run: bool,
) -> ImportResult:
    """Recompute the plays while the gate checks the rows. `wait_for_gate` raises if the rows do not pass."""
    report_progress(Progress("checking and reconciling"))
    warnings: list[str] = []
    balance = promote(connection, landed.batch_id, lambda: warnings.extend(wait_for_gate()))
    rejected = rejected_by_reason(connection, landed.batch_id, balance.rows_rejected)
    if balance.rows_rejected == balance.rows_read:
        raise NoValidRow(
            f"All {balance.rows_read:,} rows were rejected, most of them because: {max(rejected, key=rejected.__getitem__)}. "
            "Nothing was imported. Give the files as Spotify sent them."
        )
    if time_zone is not None:
        record_time_zone(connection, landed.import_id, time_zone)
    listener = ensure_listener(connection, landed.listener.listener_id, time_zone=time_zone)
    return ImportResult(
        import_id=None if is_dry_run else landed.import_id,
        listener_id=listener.listener_id,
        time_zone=listener.time_zone,
        is_zone_assumed=landed.listener.is_zone_assumed,
        is_dry_run=is_dry_run,
        files=[file.name for file in landed.files],
        balance=balance,
        rejected=rejected,
        repaired_texts=count_repaired_texts(connection, landed.batch_id),
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


def _clear_killed(connection: Connection, listener_id: str) -> bool:
    """Delete the listener's unfinished imports unless one is running. Return whether it did."""
    (is_locked,) = only_row(
        connection, "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (_import_lock_name(listener_id),)
    )
    if is_locked:
        _delete_unfinished(connection, listener_id)
    return bool(is_locked)


def _delete_unfinished(connection: Connection, listener_id: str) -> None:
    """Delete the listener's unfinished imports.

    Delete the listener too, if one of these imports created them and nothing else refers to them.
    """
    lock_for_landing(connection, listener_id)
    (created_listener,) = only_row(
        connection,  # Before promotion, only an import that created its listener has a time zone.
        "SELECT coalesce(bool_or(time_zone IS NOT NULL), false) FROM raw.import "
        "WHERE listener_id = %s AND status IN ('running', 'landed')",
        (listener_id,),
    )
    delete_unfinished_imports(connection, listener_id)
    if created_listener:
        connection.execute(
            "DELETE FROM raw.listener AS l WHERE listener_id = %s "
            "AND NOT EXISTS (SELECT FROM raw.play AS p WHERE p.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM raw.import AS i WHERE i.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM landing.batch AS b WHERE b.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM vault.token AS t WHERE t.listener_id = l.listener_id)",
            (listener_id,),
        )
