"""How fast an import is, against plain COPY of the same plays: `make bench-import`.

Makes a throwaway source database (the test stack's) and an extended export, then

1. imports the export with the operator's command, end to end: parse, clean, gate, reconcile, promote;
2. imports the same files again;
3. copies the plays, in the order of the files, into a table with the columns, key and indexes of raw.play.

Prints rows, seconds, rates and ratios, and the most memory that the importing processes held together, the gate's included.
"""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from bench.export_files import write_export
from runtime.bench import empty_stack
from runtime.errors import StageError
from runtime.local import starter
from runtime.local.service import environment
from runtime.progress import note
from runtime.stack import PROJECT, Stack, python

LISTENER = "bench"
SERVICES = ("source", "migrate-source", "flask")  # started, but for the last, whose settings the command gets
LEAST_RATE = 0.25  # of COPY's rate
MOST_AGAIN = 1.1  # of the first import's seconds
MOST_RESIDENT = 500  # MiB, of all importing processes together
LOOK_EVERY = 0.05  # seconds between two looks at the memory
BLOCK = 1 << 20  # bytes sent to COPY at once


@dataclass(frozen=True)
class Measured:
    """One run of everything: seconds of each part, and the most MiB that importing held resident."""

    first: float
    again: float
    copy: float
    resident: float


def run_bench(rows: int) -> None:
    """Measure `rows` plays and print the table."""
    with empty_stack(SERVICES) as stack:
        note(f"Writing {rows:,} plays as Spotify exports them …")
        files = write_export(stack.state / "bench", rows)
        mebibytes = sum(file.stat().st_size for file in files) / 2**20
        Console(highlight=False).print(f"{rows:,} plays in {len(files)} files, {mebibytes:,.0f} MiB of JSON.")
        starter.start(stack, ["migrate-source"])
        _show(rows, _measure(stack, files, rows))


def _measure(stack: Stack, files: Sequence[Path], rows: int) -> Measured:
    note("Importing …")
    first, most = _import(stack, files)
    note("Importing the same files again …")
    again, most_again = _import(stack, files)
    note("Copying the same plays …")
    return Measured(first, again, _copy(stack, rows), max(most, most_again))


def _import(stack: Stack, files: Sequence[Path]) -> tuple[float, float]:
    """Seconds and MiB of one import by the operator's command."""
    command = [str(python("flask")), "-m", "flask_endpoint", "import", "--listener", LISTENER, *map(str, files)]
    began = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment(stack, stack.services()["flask"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        most = 0.0
        while process.poll() is None:
            most = max(most, _resident(psutil.Process(process.pid)))
            time.sleep(LOOK_EVERY)
        seconds = time.monotonic() - began
        said = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise StageError("The import failed.", said)
    return seconds, most


def _resident(process: psutil.Process) -> float:
    """MiB that a process and its children hold now."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # It ended while we looked.
    return total / 2**20


def _copy(stack: Stack, rows: int) -> float:
    """Seconds that COPY takes for the imported plays, as text prepared beforehand."""
    settings = stack.settings()
    url = f"postgresql://postgres:{settings['POSTGRES_PASSWORD']}@127.0.0.1:{settings['SOURCE_PORT']}/source"
    prepared = stack.state / "bench" / "plays.copy"
    with psycopg.connect(url, autocommit=True) as connection:
        with prepared.open("wb") as file, connection.cursor() as cursor:
            query = "COPY (SELECT * FROM raw.play WHERE listener_id = 'bench' ORDER BY ended_at) TO STDOUT"
            with cursor.copy(query) as out:
                for block in out:
                    file.write(block)
        connection.execute("CREATE TABLE public.copied (LIKE raw.play INCLUDING ALL)")
        connection.execute("CHECKPOINT")
        began = time.monotonic()
        with (
            prepared.open("rb") as file,
            connection.cursor() as cursor,
            cursor.copy("COPY public.copied FROM STDIN") as into,
        ):
            while block := file.read(BLOCK):
                into.write(block)
        seconds = time.monotonic() - began
        copied = connection.execute("SELECT count(*) FROM public.copied").fetchone()
    if copied is None or copied[0] != rows:
        raise StageError(f"The import kept {copied} plays of {rows:,}: there is nothing to compare.", "")
    return seconds


def _show(rows: int, measured: Measured) -> None:
    rate, again = measured.copy / measured.first, measured.again / measured.first
    table = Table("", "seconds", "plays/s", "ratio", "must be")
    table.add_row("plain COPY", f"{measured.copy:.1f}", f"{rows / measured.copy:,.0f}", "1", "")
    table.add_row(
        "import",
        f"{measured.first:.1f}",
        f"{rows / measured.first:,.0f}",
        f"{rate:.2f} of COPY's rate",
        f">= {LEAST_RATE}",
    )
    table.add_row(
        "import again",
        f"{measured.again:.1f}",
        f"{rows / measured.again:,.0f}",
        f"{again:.2f} of the first's time",
        f"<= {MOST_AGAIN}",
    )
    table.add_row("importing processes", "", "", f"{measured.resident:.0f} MiB resident", f"< {MOST_RESIDENT}")
    Console(highlight=False).print(table)
