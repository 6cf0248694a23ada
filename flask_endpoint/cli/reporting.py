"""What the command line shows: tables for people, and as the last line JSON for programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from flask_endpoint.catalog.files import CatalogLoad
from flask_endpoint.imports.importing import ImportResult
from flask_endpoint.imports.records import ImportRecord
from flask_endpoint.progress import Progress, ReportProgress
from flask_endpoint.reconciliation.undo import UndoneImport

NARROWEST = 120  # columns of a table where the output is no terminal
BALANCE = ("read", "added", "matched", "repeated", "rejected")


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=max(console.width, NARROWEST))


@contextmanager
def progress() -> Iterator[ReportProgress]:
    """Show how far long work is, on standard error, where that is a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("opening", total=None)

        def tell(now: Progress) -> None:
            share = f"{now.bytes_read / now.bytes_total:.0%} of" if now.bytes_total else ""
            of_file = f": {now.rows:,} rows, {share} all, now {escape(now.file)}" if now.file else ""
            bar.update(task, description=now.stage + of_file)

        yield tell


def show_import(result: ImportResult, as_json: bool) -> None:
    """Show what an import did, or would do."""
    console = _console()
    would = "would be " if result.is_dry_run else ""
    number = "A dry run: nothing was changed." if result.is_dry_run else f"Import {result.import_id}."
    console.print(f"{number} Listener {result.listener_id}, days in {result.time_zone}.")
    if result.is_zone_assumed:
        console.print(
            "Nobody said where they live, so days are UTC's. Import again with a time zone to set it: TIME_ZONE=Europe/Madrid."
        )
    table = Table(title=f"Rows of {len(result.files)} file(s)", title_justify="left")
    table.add_column("rows")
    table.add_column("count", justify="right")
    for what, meaning in (
        ("read", "read"),
        ("added", f"{would}added: plays after minus plays before"),
        ("matched", f"{would}matched with a play of another row"),
        ("repeated", "repeated: held from an earlier batch"),
        ("rejected", "rejected"),
    ):
        table.add_row(meaning, f"{getattr(result.balance, f'rows_{what}'):,}")
    for reason, count in result.rejected.items():
        table.add_row(f"  {escape(reason)}", f"{count:,}")
    console.print(table)
    _end_with(asdict(result) | asdict(result.balance), as_json)


def show_catalog(load: CatalogLoad, as_json: bool) -> None:
    """Show what loading a catalogue file did, or would do."""
    console = _console()
    console.print(
        f"{load.file}: {load.rows_read:,} rows{', a dry run: nothing was changed' if load.is_dry_run else ''}."
    )
    table = Table()
    for name in ("", "told", "new", "changed", "as they were"):
        table.add_column(name, justify="right" if name else "left")
    for kind, told in (("tracks", load.tracks), ("albums", load.albums)):
        table.add_row(
            kind, *(f"{n:,}" for n in (told.told, told.added, told.changed, told.told - told.added - told.changed))
        )
    console.print(table)
    for reason, count in load.refused.items():
        console.print(f"{count:,} rows were refused: {escape(reason)}.")
    _end_with(asdict(load), as_json)


def show_imports(records: list[ImportRecord], as_json: bool) -> None:
    """List imports."""
    console = _console()
    if not records:
        console.print("There is no import yet.")
    else:
        table = Table()
        for name in ("id", "listener", "started", "status", *BALANCE, "files"):
            table.add_column(
                name,
                justify="right" if name in BALANCE else "left",
                no_wrap=name not in ("status", "files"),
                overflow="fold",
            )
        for record in records:
            counts = [getattr(record, f"rows_{what}") for what in BALANCE]
            shown = ["" if count is None else f"{count:,}" for count in counts]
            files = f"{len(record.files)} files" if len(record.files) > 1 else "".join(record.files)
            status = record.status if record.reason is None else f"{record.status}: {record.reason}"
            started = f"{record.started_at:%Y-%m-%d %H:%M}"
            table.add_row(str(record.import_id), record.listener_id, started, escape(status), *shown, escape(files))
        console.print(table)
    _end_with([asdict(record) for record in records], as_json)


def show_undone(undone: UndoneImport, as_json: bool) -> None:
    """Say what undoing took away."""
    _console().print(
        f"Import {undone.import_id} of {undone.listener_id} is undone: {undone.rows_removed:,} rows taken away, "
        f"{undone.plays_before:,} plays before, {undone.plays_after:,} now."
    )
    _end_with(asdict(undone), as_json)


def show_deleted(listeners: list[str], as_json: bool) -> None:
    """Say which simulated listeners are gone."""
    names = ", ".join(listeners)
    _console().print(f"Deleted the simulated listeners {names}." if listeners else "There is no simulated listener.")
    _end_with({"deleted": listeners}, as_json)


def _end_with(value: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps(value, default=lambda thing: thing.isoformat() if isinstance(thing, datetime) else str(thing)))
