"""Check landed batches before they are promoted, and a load's candidates before they are published.

    soda/gate.py load 7         the candidates of load 7, in main
    soda/gate.py batch 12 13    two landed batches, in source; each has its own verdict

Prints a table and one sentence for each check that did not pass, and stores the verdicts in `audit.check_result` or
`landing.check_result`. The last line is JSON: {"passed": [ids], "refused": [ids]}.

Exit codes: 0 all passed (warnings included), 1 at least one was refused, 2 usage error, 3 the gate could not run.
Python also exits with 1 when it crashes and with 2 when the script is missing. So a caller treats a run as a refusal only
when the exit code is 1 AND the last line of the output is that JSON with a non-empty "refused".

This folder is not a package and has the name of Soda's package: no module here may have the name of one of Soda's.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.append(
    str(Path(__file__).resolve().parents[1])
)  # `common`; at the end, so that Soda's own package is found first

import catalog
import check_files
import click
import verdict_store
from gate_errors import GateError
from gate_settings import MainSettings, SourceSettings
from soda_library import SAMPLE_ROWS
from table_scan import scan, scan_in_parallel
from verdicts import Verdict, report, worst_outcome

from common.exit_codes import ExitCode, exit_on_error
from common.settings import SettingsError, load_settings


def gate_load(url: str, load_id: int) -> bool:
    """Check the candidates of a load and store the verdicts. Return whether they may be published."""
    with verdict_store.connected(url) as connection:
        verdict_store.require_complete_candidates(connection, load_id)
        verdict_store.delete_verdicts(connection, verdict_store.LOADS, load_id)
        tables = catalog.tables(connection, ("core", "mart"))
    written = _written_checks(tables)
    groups = [
        [checks for table in group for checks in (catalog.candidate_checks(table), written[table.name])]
        for group in catalog.scan_groups(tables)
    ]
    keys = {table.name: table.key for table in tables}
    found = scan_in_parallel(url, "candidate", groups, keys, {"load_id": load_id})
    return _conclude(url, verdict_store.LOADS, load_id, f"Load {load_id}", _with_schema(found, tables))


def gate_batch(url: str, batch_id: int) -> bool:
    """Check one landed batch and store the verdicts. Return whether it may be promoted.

    A batch that is promoted already counts as passed and is not checked again.
    """
    with verdict_store.connected(url) as connection:
        status = verdict_store.batch_status(connection, batch_id)
        if status != "landed":
            print(f"Batch {batch_id} is already {status}.", flush=True)
            return status == "promoted"
        verdict_store.delete_verdicts(connection, verdict_store.BATCHES, batch_id)
        tables = [table for table in catalog.tables(connection, ("landing",)) if table.name != "check_result"]
    keys = {table.name: table.key for table in tables}
    found = scan(url, "landing", _written_checks(tables).values(), keys, {"batch_id": batch_id})
    return _conclude(url, verdict_store.BATCHES, batch_id, f"Batch {batch_id}", _with_schema(found, tables))


def _written_checks(tables: Sequence[catalog.Table]) -> dict[str, dict[str, Any]]:
    """Return the checks from each table's file, by table name. A schema's files are in the folder of its name."""
    files: dict[str, Path] = {}
    for schema in sorted({table.schema for table in tables}):
        files |= check_files.files_of(schema, [table.name for table in tables if table.schema == schema])
    return {table: check_files.read(file, SAMPLE_ROWS) for table, file in files.items()}


def _with_schema(verdicts: Sequence[Verdict], tables: Sequence[catalog.Table]) -> list[Verdict]:
    """Put the schema before each table name; a candidate gets the schema in which it will be published."""
    schemas = {table.name: table.schema for table in tables}
    return [replace(verdict, table_name=f"{schemas[verdict.table_name]}.{verdict.table_name}") for verdict in verdicts]


def _conclude(
    url: str, table: verdict_store.VerdictTable, subject_id: int, subject: str, verdicts: Sequence[Verdict]
) -> bool:
    with verdict_store.connected(url) as connection:
        verdict_store.store_verdicts(connection, table, subject_id, verdicts)
    outcome = worst_outcome(verdicts)
    ending = {"pass": "passed the gate", "warn": "passed the gate with warnings", "fail": "was refused by the gate"}
    print(report(f"{subject} {ending[outcome]}.", verdicts), flush=True)
    return outcome != "fail"


def _print_verdict(has_passed: dict[int, bool]) -> ExitCode:
    """Print the JSON line that proves that the gate ran, and return the exit code."""
    refused = [subject_id for subject_id, passed in has_passed.items() if not passed]
    print(
        json.dumps(
            {"passed": [subject_id for subject_id in has_passed if subject_id not in refused], "refused": refused}
        )
    )
    return ExitCode.NO if refused else ExitCode.DONE


@click.group(help=__doc__)
def command() -> None:
    """Group the two subjects of the gate."""


@command.command("load")
@click.argument("load_id", type=int)
def check_load(load_id: int) -> ExitCode:
    """Check the candidates of a load."""
    url = load_settings(MainSettings).gate_main_database_url.get_secret_value()
    return _print_verdict({load_id: gate_load(url, load_id)})


@command.command("batch")
@click.argument("batch_ids", type=int, nargs=-1, required=True)
def check_batches(batch_ids: tuple[int, ...]) -> ExitCode:
    """Check landed batches."""
    url = load_settings(SourceSettings).gate_source_database_url.get_secret_value()
    return _print_verdict({batch_id: gate_batch(url, batch_id) for batch_id in batch_ids})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    try:
        return int(command.main(arguments, prog_name="soda/gate.py", standalone_mode=False) or ExitCode.DONE)
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except click.Abort:
        return ExitCode.COULD_NOT_RUN
    except (GateError, SettingsError) as error:
        print(error, file=sys.stderr)
        return ExitCode.COULD_NOT_RUN


if __name__ == "__main__":
    with exit_on_error(
        partial(print, file=sys.stderr)
    ):  # Another error must not exit with 1, which means that a check failed.
        sys.exit(main())
