"""Import listening histories and manage imports."""

from pathlib import Path

import click
import psycopg

from common.settings import load_settings
from flask_endpoint.catalog.files import load_catalog_file
from flask_endpoint.cli import reporting
from flask_endpoint.cli.exits import report_errors
from flask_endpoint.database import connect
from flask_endpoint.imports import uploads
from flask_endpoint.imports.importing import import_files
from flask_endpoint.imports.records import list_imports
from flask_endpoint.reconciliation.forget import delete_simulated
from flask_endpoint.reconciliation.undo import undo_import
from flask_endpoint.settings import ImportSettings

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON at the end.")
dry_run_option = click.option("--dry-run", "is_dry_run", is_flag=True, help="Report what would change; change nothing.")


@click.group(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    pass


@cli.command("import")
@click.option("--listener", "listener_id", required=True, help="Whose plays these are; created if missing.")
@click.option("--time-zone", help="IANA name, such as Europe/Madrid. Without it, a new listener gets UTC.")
@dry_run_option
@json_option
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@report_errors
def import_(listener_id: str, time_zone: str | None, is_dry_run: bool, as_json: bool, files: tuple[Path, ...]) -> None:
    """Import export files: the zip files from Spotify, or the JSON files in them."""
    with reporting.progress() as progress:
        result = import_files(
            _settings(), listener_id, list(files), time_zone=time_zone or None, is_dry_run=is_dry_run, progress=progress
        )
    reporting.show_import(result, as_json)


@cli.command("catalog")
@dry_run_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@report_errors
def catalog(is_dry_run: bool, as_json: bool, file: Path) -> None:
    """Load a catalog file: tracks and their albums as CSV, optionally gzipped."""
    with reporting.progress() as progress:
        load = load_catalog_file(_settings(), file, is_dry_run=is_dry_run, progress=progress)
    reporting.show_catalog(load, as_json)


@cli.command("imports")
@click.option("--listener", "listener_id", help="Only this listener's imports.")
@json_option
@report_errors
def imports(listener_id: str | None, as_json: bool) -> None:
    """List the imports, newest first."""
    with _connection() as connection:
        records = list_imports(connection, listener_id or None)
    reporting.show_imports(records, as_json)


@cli.command("undo-import")
@click.argument("import_id", type=int)
@json_option
@report_errors
def undo(import_id: int, as_json: bool) -> None:
    """Undo an import: restore the plays as they would be without it."""
    with _connection() as connection:
        undone = undo_import(connection, import_id)
    reporting.show_undone(undone, as_json)


@cli.command("demo-clean")
@json_option
@report_errors
def demo_clean(as_json: bool) -> None:
    """Delete the simulated listeners and all their data."""
    with _connection() as connection:
        listeners, files = delete_simulated(connection)
    uploads.discard(files)
    reporting.show_deleted(listeners, as_json)


def _settings() -> ImportSettings:
    return load_settings(ImportSettings)


def _connection() -> psycopg.Connection:
    return connect(_settings().endpoint_database_url.get_secret_value())
