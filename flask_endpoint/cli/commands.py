"""What operators do at the command line: `python -m flask_endpoint import`, `imports`, `undo-import`, `demo-clean`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg

from common.settings import SettingsError, load_settings
from flask_endpoint.catalog.files import load_catalog_file
from flask_endpoint.cli import reporting
from flask_endpoint.database import connect
from flask_endpoint.errors import EndpointError
from flask_endpoint.imports.importing import import_files
from flask_endpoint.imports.records import list_imports
from flask_endpoint.reconciliation.forget import delete_simulated
from flask_endpoint.reconciliation.undo import undo_import
from flask_endpoint.settings import ImportSettings

as_json = click.option("--json", "as_json", is_flag=True, help="End with the result as one line of JSON.")


@click.group(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    pass


@cli.command("import")
@click.option("--listener", "listener_id", required=True, help="Whose plays these are; made where missing.")
@click.option("--time-zone", help="IANA name, such as Europe/Madrid; without it a new listener gets UTC.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would happen, and change nothing.")
@as_json
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def import_(listener_id: str, time_zone: str | None, is_dry_run: bool, as_json: bool, files: tuple[Path, ...]) -> None:
    """Import export files: zips as Spotify sends them, or the JSON files in them."""
    with one_sentence(), reporting.progress() as progress:
        result = import_files(
            _settings(), listener_id, list(files), time_zone=time_zone or None, is_dry_run=is_dry_run, progress=progress
        )
    reporting.show_import(result, as_json)


@cli.command("catalog")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Say what would happen, and change nothing.")
@as_json
@click.argument("file", type=click.Path(path_type=Path))
def catalog(is_dry_run: bool, as_json: bool, file: Path) -> None:
    """Load a catalogue file: tracks and their albums as CSV, gzipped or not."""
    with one_sentence(), reporting.progress() as progress:
        load = load_catalog_file(_settings(), file, is_dry_run=is_dry_run, progress=progress)
    reporting.show_catalog(load, as_json)


@cli.command("imports")
@click.option("--listener", "listener_id", help="Only this listener's.")
@as_json
def imports(listener_id: str | None, as_json: bool) -> None:
    """List the imports, newest first."""
    with one_sentence(), _connection() as connection:
        records = list_imports(connection, listener_id or None)
    reporting.show_imports(records, as_json)


@cli.command("undo-import")
@click.argument("import_id", type=int)
@as_json
def undo(import_id: int, as_json: bool) -> None:
    """Take an import back: the plays are then as if it had never been."""
    with one_sentence(), _connection() as connection:
        undone = undo_import(connection, import_id)
    reporting.show_undone(undone, as_json)


@cli.command("demo-clean")
@as_json
def demo_clean(as_json: bool) -> None:
    """Delete the simulated listeners and everything of theirs."""
    with one_sentence(), _connection() as connection:
        listeners = delete_simulated(connection)
    reporting.show_deleted(listeners, as_json)


@contextmanager
def one_sentence() -> Iterator[None]:
    """End with exit code 1 and one clear sentence, whatever was refused or failed."""
    try:
        yield
    except EndpointError as error:
        detail = f"\n{error.detail}" if isinstance(error.detail, str) and error.detail else ""
        raise click.ClickException(error.message + detail) from None
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise click.ClickException(
            f"The source database cannot be used ({reason}). Start it with `make postgres`."
        ) from None
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise click.ClickException(
            f"The source database refused ({reason}). Run `make migrate`, then try again."
        ) from None


def _settings() -> ImportSettings:
    try:
        return load_settings(ImportSettings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _connection() -> psycopg.Connection:
    return connect(_settings().endpoint_database_url.get_secret_value())
