"""Print the results of commands: tables for people and, if requested, one line of JSON for programs."""

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

from common.texts import LONGEST_TEXT
from flask_endpoint.catalog.files import CatalogLoad
from flask_endpoint.imports.importing import ImportResult
from flask_endpoint.imports.records import ImportRecord
from flask_endpoint.progress import Progress, ReportProgress
from flask_endpoint.reconciliation.undo import UndoneImport

MINIMUM_WIDTH = 120  # characters of a line if the output is not a terminal
ROW_COUNTS = ("read", "added", "matched", "repeated", "rejected")


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=max(console.width, MINIMUM_WIDTH))


@contextmanager
def progress() -> Iterator[ReportProgress]:
    """Yield a function that shows the progress on stderr if that is a terminal."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("opening", total=None)

        def show(now: Progress) -> None:
            share = f" ({now.bytes_read / now.bytes_total:.0%})" if now.bytes_total else ""
            rows = f": {now.rows:,} rows{share}, now {escape(now.file)}" if now.file else ""
            bar.update(task, description=now.stage + rows)

        yield show


def show_import(result: ImportResult, as_json: bool) -> None:
    """Print what an import changed, or would change."""
    console = _console()
    would_be = "would be " if result.is_dry_run else ""
    heading = "Dry run; nothing was changed." if result.is_dry_run else f"Import {result.import_id}."
    console.print(f"{heading} Listener {result.listener_id}, time zone {result.time_zone}.")
    if result.is_zone_assumed:
        console.print(
            "No time zone was given, so days are in UTC. To set one, import again with TIME_ZONE=Europe/Madrid."
        )
    table = Table(title=f"Rows of {len(result.files)} file(s)", title_justify="left")
    table.add_column("rows")
    table.add_column("count", justify="right")
    for name, label in (
        ("read", "read"),
        ("added", f"{would_be}added: plays after minus plays before"),
        ("matched", f"{would_be}matched with a play of another row"),
        ("repeated", "repeated: known from an earlier batch"),
        ("rejected", "rejected"),
    ):
        table.add_row(label, f"{getattr(result.balance, f'rows_{name}'):,}")
    for reason, count in result.rejected.items():
        table.add_row(f"  {escape(reason)}", f"{count:,}")
    console.print(table)
    if result.repaired_texts:
        console.print(
            f"Repaired texts: {result.repaired_texts:,}. They contained letters that could not be read, or were longer than "
            f"{LONGEST_TEXT:,} characters. The file was changed after Spotify made it; import the original file, and its texts replace these."
        )
    for warning in result.warnings:
        console.print(f"Warning of the gate: {escape(warning)}")
    _print_json(asdict(result) | asdict(result.balance), as_json)


def show_catalog(load: CatalogLoad, as_json: bool) -> None:
    """Print what loading a catalog file changed, or would change."""
    console = _console()
    note = " (dry run; nothing was changed)" if load.is_dry_run else ""
    console.print(f"{load.file}: {load.rows_read:,} rows{note}.")
    table = Table()
    for name in ("", "in the file", "new", "changed", "unchanged"):
        table.add_column(name, justify="right" if name else "left")
    for kind, counts in (("tracks", load.tracks), ("albums", load.albums)):
        unchanged = counts.told - counts.added - counts.changed
        table.add_row(kind, *(f"{count:,}" for count in (counts.told, counts.added, counts.changed, unchanged)))
    console.print(table)
    for reason, count in load.refused.items():
        console.print(f"{count:,} rows were refused: {escape(reason)}.")
    _print_json(asdict(load), as_json)


def show_imports(records: list[ImportRecord], as_json: bool) -> None:
    """Print a table of imports."""
    console = _console()
    if not records:
        console.print("There are no imports.")
    else:
        table = Table()
        for name in ("id", "listener", "started", "status", *ROW_COUNTS, "files"):
            table.add_column(
                name,
                justify="right" if name in ROW_COUNTS else "left",
                no_wrap=name not in ("status", "files"),
                overflow="fold",
            )
        for record in records:
            table.add_row(*_cells(record))
        console.print(table)
    _print_json([record.model_dump() for record in records], as_json)


def show_undone(undone: UndoneImport, as_json: bool) -> None:
    """Print what undoing an import removed."""
    _console().print(
        f"Import {undone.import_id} of {undone.listener_id} is undone. Rows removed: {undone.rows_removed:,}. "
        f"Plays before: {undone.plays_before:,}, now: {undone.plays_after:,}."
    )
    _print_json(undone.model_dump(), as_json)


def show_deleted(listeners: list[str], as_json: bool) -> None:
    """Print which simulated listeners were deleted."""
    names = ", ".join(listeners)
    _console().print(f"Deleted the simulated listeners {names}." if listeners else "There are no simulated listeners.")
    _print_json({"deleted": listeners}, as_json)


def _cells(record: ImportRecord) -> list[str]:
    counts = [getattr(record, f"rows_{name}") for name in ROW_COUNTS]
    status = record.status if record.reason is None else f"{record.status}: {record.reason}"
    files = f"{len(record.files)} files" if len(record.files) > 1 else "".join(record.files)
    return [
        str(record.import_id),
        record.listener_id,
        f"{record.started_at:%Y-%m-%d %H:%M}",
        escape(status),
        *("" if count is None else f"{count:,}" for count in counts),
        escape(files),
    ]


def _print_json(value: Any, as_json: bool) -> None:
    if as_json:
        print(json.dumps(value, default=lambda thing: thing.isoformat() if isinstance(thing, datetime) else str(thing)))
