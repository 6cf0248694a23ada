"""The speed of an import, as a ratio to plain COPY of the same plays: `make bench-import [ROWS=1000000]`.

Generates an extended export for a throwaway source database, that of the test stack, and then

1. imports the export with the operator's command, from parsing and cleaning to the gate and promotion;
2. imports the same files again;
3. copies the plays, in the order of the files, into a table with the columns, key and indexes of raw.play.

Prints rows, seconds, rates and ratios, and the highest total memory of the importing processes, including the gate.
Exit codes: 0 measured, whatever the result, 2 usage error, 3 could not run.
"""

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import psutil
from rich.console import Console
from rich.table import Table

from bench.export_files import write_export
from bench.warehouse import APPLICATION
from common.database import DatabaseUnreachable, connect
from common.exit_codes import exit_on_error
from runtime.definition.stack import PROJECT, Stack, python
from runtime.errors import OperatorError, StageError
from runtime.local import starter
from runtime.local.service import environment
from runtime.output.progress import note
from runtime.testing.bench import empty_stack

LISTENER = "bench"
# Only the first two are started. The import command needs the settings of `flask`.
SERVICES = ("source", "migrate-source", "flask")
MIN_RATE = 0.25  # of COPY's rate
MAX_SECOND_IMPORT = 1.1  # of the first import's time
MAX_MEMORY = 500  # MiB, of all importing processes together
MEMORY_INTERVAL = 0.05  # seconds between two measurements of memory
BLOCK_SIZE = 1 << 20  # bytes per write to COPY


@dataclass(frozen=True)
class Result:
    """Seconds of each part of a run, and the highest resident memory of an import in MiB."""

    rows: int
    first_import: float
    second_import: float
    copy: float
    memory: float

    @property
    def rate(self) -> float:
        """The first import's rate as a fraction of COPY's."""
        return self.copy / self.first_import

    @property
    def second_to_first(self) -> float:
        return self.second_import / self.first_import


def measure(rows: int) -> Result:
    """Import and copy this many plays on an empty test stack."""
    with empty_stack(SERVICES) as stack:
        note(f"Writing an export of {rows:,} plays ...")
        files = write_export(stack.state / "bench", rows)
        mebibytes = sum(file.stat().st_size for file in files) / 2**20
        Console(highlight=False).print(f"{rows:,} plays in {len(files)} files, {mebibytes:,.0f} MiB of JSON.")
        starter.start(stack, ["migrate-source"])
        note("Importing ...")
        first, first_memory = _import(stack, files)
        note("Importing the same files again ...")
        second, second_memory = _import(stack, files)
        note("Copying the same plays ...")
        return Result(rows, first, second, _copy(stack, rows), max(first_memory, second_memory))


def _import(stack: Stack, files: Sequence[Path]) -> tuple[float, float]:
    """Run the operator's import command. Return its seconds and its highest memory in MiB."""
    command = [str(python("flask")), "-m", "flask_endpoint", "import", "--listener", LISTENER, *map(str, files)]
    started = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment(stack, stack.services()["flask"]),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as process:
        memory = 0.0
        while process.poll() is None:
            memory = max(memory, _resident_memory(psutil.Process(process.pid)))
            time.sleep(MEMORY_INTERVAL)
        seconds = time.monotonic() - started
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise StageError("The import failed.", output)
    return seconds, memory


def _resident_memory(process: psutil.Process) -> float:
    """Return the resident memory, in MiB, of a process and its children."""
    total = 0
    try:
        for member in (process, *process.children(recursive=True)):
            total += member.memory_info().rss
    except psutil.NoSuchProcess:
        pass  # It ended during the measurement.
    return total / 2**20


def _copy(stack: Stack, rows: int) -> float:
    """Return the seconds that COPY takes to write the imported plays from a prepared file."""
    settings = stack.settings()
    url = f"postgresql://postgres:{settings['SOURCE_OWNER_PASSWORD']}@127.0.0.1:{settings['SOURCE_PORT']}/source"
    prepared = stack.state / "bench" / "plays.copy"
    with connect(url, APPLICATION, autocommit=True) as connection:
        with prepared.open("wb") as file, connection.cursor() as cursor:
            query = "COPY (SELECT * FROM raw.play WHERE listener_id = 'bench' ORDER BY ended_at) TO STDOUT"
            with cursor.copy(query) as blocks:
                for block in blocks:
                    file.write(block)
        connection.execute("CREATE TABLE public.copied (LIKE raw.play INCLUDING ALL)")
        connection.execute("CHECKPOINT")
        started = time.monotonic()
        with (
            prepared.open("rb") as file,
            connection.cursor() as cursor,
            cursor.copy("COPY public.copied FROM STDIN") as copy,
        ):
            while data := file.read(BLOCK_SIZE):
                copy.write(data)
        seconds = time.monotonic() - started
        [(copied,)] = connection.execute("SELECT count(*) FROM public.copied").fetchall()
    if copied != rows:
        raise StageError(f"The import wrote {copied:,} of {rows:,} plays, so the times cannot be compared.", "")
    return seconds


def show(result: Result) -> None:
    """Print the table of results."""
    table = Table("", "seconds", "plays/s", "ratio", "limit")
    for name, seconds, ratio, limit in (
        ("plain COPY", result.copy, "1", ""),
        ("import", result.first_import, f"{result.rate:.2f} of COPY's rate", f">= {MIN_RATE}"),
        (
            "second import",
            result.second_import,
            f"{result.second_to_first:.2f} of the first's time",
            f"<= {MAX_SECOND_IMPORT}",
        ),
    ):
        table.add_row(name, f"{seconds:.1f}", f"{result.rows / seconds:,.0f}", ratio, limit)
    table.add_row("memory of the import", "", "", f"{result.memory:.0f} MiB resident", f"< {MAX_MEMORY}")
    Console(highlight=False).print(table)


@click.command()
@click.option("--rows", default=1_000_000, type=click.IntRange(min=1), help="Plays in the export.")
def main(rows: int) -> None:
    """Measure the speed of an import."""
    with exit_on_error(partial(click.echo, err=True), OperatorError, DatabaseUnreachable):
        try:
            result = measure(rows)
        except StageError as error:
            if error.tail:
                click.echo(error.tail, err=True)
            raise
        show(result)


if __name__ == "__main__":
    main()
