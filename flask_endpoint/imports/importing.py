"""A whole import: land the files, have the gate check them, promote. A dry run does the same and takes it all back.

One import per listener at a time. Each stage is one transaction: a crash leaves at most a landed batch that nobody reads.
The listener's next import clears it away, and so does the worker (`clear_killed_imports`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from psycopg import Connection
from psycopg.errors import LockNotAvailable

from flask_endpoint.database import connect, only_row
from flask_endpoint.errors import Conflict, GateRefused, NotAnExport, NotFound
from flask_endpoint.exports.sources import Source, find_sources
from flask_endpoint.imports.gate import started_gate
from flask_endpoint.imports.records import rejected_by_reason
from flask_endpoint.landing.batches import LandedFile, land_import, lock_for_landing
from flask_endpoint.listeners.listeners import Listener, check_listener_id, check_time_zone, ensure_listener
from flask_endpoint.progress import Progress, ReadingProgress, ReportProgress
from flask_endpoint.reconciliation.promote import Balance, promote
from flask_endpoint.reconciliation.undo import clear_unfinished, note_zone
from flask_endpoint.settings import ImportSettings


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or would do; `rejected` counts rejected rows by reason. A dry run has no id."""

    import_id: int | None
    listener_id: str
    time_zone: str
    is_zone_assumed: bool
    is_dry_run: bool
    files: list[str]
    balance: Balance
    rejected: dict[str, int]


@dataclass(frozen=True)
class _Landed:
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
    """Import export files for a listener, made where missing. Raises EndpointError; then nothing is taken over."""
    check_listener_id(listener_id)
    if time_zone is not None:
        check_time_zone(time_zone)
    sources = find_sources(paths)
    tell = progress or (lambda _: None)
    with connect(settings.endpoint_database_url.get_secret_value()) as connection:
        connection.autocommit = True  # Transactions begin and end where `connection.transaction()` says.
        with _only_import_of(connection, listener_id):
            return _import(connection, settings, listener_id, time_zone, sources, tell, is_dry_run)


def clear_killed_imports(connection: Connection) -> list[str]:
    """Clear away what imports left that were killed; return whose. One under way holds its listener's lock and is left alone."""
    left = connection.execute("SELECT DISTINCT listener_id FROM raw.import WHERE status IN ('running', 'landed')")
    return [listener_id for (listener_id,) in left.fetchall() if _clear_killed(connection, listener_id)]


def _import(
    connection: Connection,
    settings: ImportSettings,
    listener_id: str,
    time_zone: str | None,
    sources: list[Source],
    tell: ReportProgress,
    is_dry_run: bool,
) -> ImportResult:
    with connection.transaction():
        landed = _land(connection, listener_id, time_zone, sources, tell)
    is_on_record = False
    try:
        with (
            started_gate(settings, [landed.batch_id]) as passed,
            connection.transaction(force_rollback=is_dry_run),
        ):
            result = _promote(connection, landed, time_zone, tell, passed, is_dry_run)
        is_on_record = not is_dry_run
    except GateRefused as refused:
        if not is_dry_run:
            with connection.transaction():
                _record_refusal(connection, landed, refused.message)
            is_on_record = True
        raise
    finally:
        if not is_on_record and not connection.closed:
            with connection.transaction():
                _clear_away(connection, listener_id)
    return result


@contextmanager
def _only_import_of(connection: Connection, listener_id: str) -> Iterator[None]:
    """Hold the listener's import lock; it ends with the session, so that a killed import frees it."""
    key = _import_lock(listener_id)
    try:
        connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (key,))
    except LockNotAvailable:
        raise Conflict(f"Another import of {listener_id} is still running. Try again when it has ended.") from None
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", (key,))


def _import_lock(listener_id: str) -> str:
    return f"import of {listener_id}"


def _land(
    connection: Connection,
    listener_id: str,
    time_zone: str | None,
    sources: list[Source],
    tell: ReportProgress,
) -> _Landed:
    known = connection.execute("SELECT FROM raw.listener WHERE listener_id = %s", (listener_id,)).fetchone() is not None
    lock_for_landing(connection, listener_id)
    clear_unfinished(connection, listener_id)
    # A known listener's zone is set when the plays are: until then its row stays unlocked for others.
    listener = ensure_listener(connection, listener_id, time_zone=None if known else time_zone)
    if known and listener.is_new:
        raise NotFound(f"Listener {listener_id} was deleted meanwhile: nothing was imported.")
    now = datetime.now(UTC)
    (import_id,) = only_row(
        connection,
        "INSERT INTO raw.import (listener_id, started_at, files, time_zone) VALUES (%s, %s, '{}', %s) RETURNING import_id",
        (listener_id, now, listener.time_zone if listener.is_new else None),
    )
    reading = ReadingProgress((source.name, source.size) for source in sources)

    def report_rows(file: str, rows: int) -> None:
        tell(reading.after(rows, file))

    batch_id, files = land_import(connection, listener_id, import_id, sources, now=now, report_rows=report_rows)
    if not files:
        raise NotAnExport(
            "There is no listening history in what was given. Give the zip that Spotify sent, or the JSON files in it."
        )
    names = [file.name for file in files]
    connection.execute("UPDATE raw.import SET status = 'landed', files = %s WHERE import_id = %s", (names, import_id))
    if not only_row(
        connection, "SELECT rows_landed + rows_refused FROM landing.batch WHERE batch_id = %s", (batch_id,)
    )[0]:
        raise NotAnExport(f"There is no play in {', '.join(names)}. Ask Spotify for an export that has some.")
    return _Landed(import_id, batch_id, listener, files)


def _promote(
    connection: Connection,
    landed: _Landed,
    time_zone: str | None,
    tell: ReportProgress,
    passed: Callable[[], None],
    is_dry_run: bool,
) -> ImportResult:
    """Compute the plays while the gate checks the rows: `passed` waits for it and raises when they may not be taken over."""
    tell(Progress("checking and reconciling"))
    balance = promote(connection, landed.batch_id, passed)
    if time_zone is not None:
        note_zone(connection, landed.import_id, time_zone)
    listener = ensure_listener(connection, landed.listener.listener_id, time_zone=time_zone)
    return ImportResult(
        import_id=None if is_dry_run else landed.import_id,
        listener_id=listener.listener_id,
        time_zone=listener.time_zone,
        is_zone_assumed=landed.listener.is_zone_assumed,
        is_dry_run=is_dry_run,
        files=[file.name for file in landed.files],
        balance=balance,
        rejected=rejected_by_reason(connection, landed.batch_id, balance.rows_rejected),
    )


def _record_refusal(connection: Connection, landed: _Landed, reason: str) -> None:
    """Keep the refused batch in landing for a look; the verdicts say what is wrong with it."""
    connection.execute(
        "UPDATE landing.batch SET status = 'refused', finished_at = now() WHERE batch_id = %s", (landed.batch_id,)
    )
    connection.execute(
        "UPDATE raw.import SET status = 'refused', finished_at = now(), reason = %s WHERE import_id = %s",
        (reason, landed.import_id),
    )


def _clear_killed(connection: Connection, listener_id: str) -> bool:
    (is_dead,) = only_row(
        connection, "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", (_import_lock(listener_id),)
    )
    if is_dead:
        _clear_away(connection, listener_id)
    return bool(is_dead)


def _clear_away(connection: Connection, listener_id: str) -> None:
    """Delete what is left of imports that did not come to their end, and the listener where they alone had named them."""
    lock_for_landing(connection, listener_id)
    (made_the_listener,) = only_row(
        connection,  # A zone stands with an unpromoted import only if it came with its listener.
        "SELECT coalesce(bool_or(time_zone IS NOT NULL), false) FROM raw.import "
        "WHERE listener_id = %s AND status IN ('running', 'landed')",
        (listener_id,),
    )
    clear_unfinished(connection, listener_id)
    if made_the_listener:
        connection.execute(
            "DELETE FROM raw.listener AS l WHERE listener_id = %s AND NOT EXISTS (SELECT FROM raw.play AS p WHERE p.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM raw.import AS i WHERE i.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM landing.batch AS b WHERE b.listener_id = l.listener_id) "
            "AND NOT EXISTS (SELECT FROM vault.token AS t WHERE t.listener_id = l.listener_id)",
            (listener_id,),
        )
