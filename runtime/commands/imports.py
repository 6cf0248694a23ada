"""Commands that load listening histories and catalogs."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from runtime.definition.stack import current_stack
from runtime.errors import OperatorError, StageError
from runtime.operations import demo
from runtime.output.progress import Stages
from runtime.runtimes import best_runtime, current_runtime, remember

commands = click.Group()


@commands.command("demo")
@click.option("--files", default="", help="Your own export files, separated by spaces.")
@click.option("--time-zone", default="", help="Your time zone, an IANA name.")
@click.option(
    "--clock", default="", help="The simulated Spotify's current time, ISO 8601; used at the first start only."
)
def demo_command(files: str, time_zone: str, clock: str) -> None:
    """Run everything from a bare checkout to a dashboard with numbers."""
    stages = Stages()
    runtime = current_runtime(current_stack())
    request = demo.Request(tuple(_files(files)), time_zone or None, clock or None)
    try:
        demo.run_demo(runtime, request, stages)
    except OperatorError as error:
        raise StageError(
            f"The stage “{getattr(stages, 'current', 'start')}” failed: {error}", getattr(error, "tail", "")
        ) from error


@commands.command("import")
@click.option("--listener", required=True)
@click.option("--files", required=True, help="Files, separated by spaces; quote a name that contains one.")
@click.option("--time-zone", default="")
@click.option("--dry-run", is_flag=True)
def import_command(listener: str, files: str, time_zone: str, dry_run: bool) -> None:
    """Import export files for a listener."""
    zone = ["--time-zone", time_zone] if time_zone else []
    _endpoint(["import", "--listener", listener, *zone, *(["--dry-run"] if dry_run else [])], _files(files))


@commands.command()
@click.option("--listener", default="")
def imports(listener: str) -> None:
    """List the imports."""
    _endpoint(["imports", *(["--listener", listener] if listener else [])])


@commands.command("undo-import")
@click.argument("import_id")
def undo_import(import_id: str) -> None:
    """Undo an import."""
    _endpoint(["undo-import", import_id])


@commands.command()
@click.option("--file", "file", required=True, help="A CSV, gzipped or not.")
@click.option("--dry-run", is_flag=True)
def catalog(file: str, dry_run: bool) -> None:
    """Load a catalog file."""
    if not file:
        raise OperatorError("No file given. Run make catalog FILE=songs.csv.gz.")
    _endpoint(["catalog", *(["--dry-run"] if dry_run else [])], [Path(file).expanduser().absolute()])


@commands.command("demo-clean")
def demo_clean() -> None:
    """Delete the simulated listeners."""
    _endpoint(["demo-clean"])


def _endpoint(arguments: list[str], files: Sequence[Path] = ()) -> None:
    runtime = current_runtime(current_stack(), default=best_runtime)
    runtime.prepare(["flask"])
    remember(runtime)
    runtime.start(["migrate-source"])
    sys.exit(runtime.call("flask", "flask", ["-m", "flask_endpoint", *arguments], files))


def _files(files: str) -> list[Path]:
    try:
        found = [Path(name).expanduser().absolute() for name in shlex.split(files)]
    except ValueError as error:
        raise OperatorError(f"FILES is not a list of file names ({error}). Quote names that contain spaces.") from error
    missing = [path.name for path in found if not path.exists()]
    # For a single name, the import itself reports that the file is missing.
    if missing and len(found) > 1:
        raise OperatorError(
            f"{missing[0]} does not exist. If a file name contains spaces, put quotes around it: FILES=\"'my data.zip'\"."
        )
    return found
