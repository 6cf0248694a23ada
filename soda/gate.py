"""The gate: what Soda must find in order before a batch is promoted or a load published.

    soda/gate.py load 7         the candidates of load 7, in main
    soda/gate.py batch 12 13    two landed batches, in source, each judged for itself

Prints a table and a sentence for every check that did not pass, and keeps the verdicts (`audit.check_result`,
`landing.check_result`). After batches the last line is JSON: {"passed": [...], "refused": [...]}.
Exit code: 0 all passed (warnings included), 2 a check failed, 3 could not run.

This folder is no package and shares its name with Soda's: no module here may be called like one of Soda's.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import catalogue
import check_files
import ledger
from gate_errors import GateError
from gate_settings import GateSettings
from soda_library import SAMPLE_ROWS
from table_scan import scan, scan_side_by_side
from verdicts import Verdict, report, worst

PASSED, FAILED, COULD_NOT_RUN = 0, 2, 3


def gate_load(url: str, load_id: int) -> bool:
    """Judge the candidates of a load. True when they may be published."""
    with ledger.connected(url) as connection:
        ledger.expect_candidates(connection, load_id)
        ledger.forget(connection, ledger.LOADS, load_id)
        tables = catalogue.tables(connection, ("core", "mart"))
    written = _written_checks(tables)
    portions = [
        [checks for table in portion for checks in (catalogue.candidate_checks(table), written[table.name])]
        for portion in catalogue.portions(tables)
    ]
    keys = {table.name: table.key for table in tables}
    found = scan_side_by_side(url, "candidate", portions, keys, {"load_id": load_id})
    return _conclude(url, ledger.LOADS, load_id, f"Load {load_id}", _qualified(found, tables))


def gate_batch(url: str, batch_id: int) -> bool:
    """Judge one landed batch. True when it may be promoted, or was; its rows lie in landing only until then."""
    with ledger.connected(url) as connection:
        status = ledger.batch_status(connection, batch_id)
        if status != "landed":
            print(f"Batch {batch_id} is {status} already.", flush=True)
            return status == "promoted"
        ledger.forget(connection, ledger.BATCHES, batch_id)
        tables = [table for table in catalogue.tables(connection, ("landing",)) if table.name != "check_result"]
    keys = {table.name: table.key for table in tables}
    found = scan(url, "landing", _written_checks(tables).values(), keys, {"batch_id": batch_id})
    return _conclude(url, ledger.BATCHES, batch_id, f"Batch {batch_id}", _qualified(found, tables))


def _written_checks(tables: Sequence[catalogue.Table]) -> dict[str, dict[str, Any]]:
    """What the check file of each table says, by its name; each schema's files are in the folder of its name."""
    files: dict[str, Path] = {}
    for schema in sorted({table.schema for table in tables}):
        files |= check_files.files_of(schema, [table.name for table in tables if table.schema == schema])
    return {table: check_files.read(file, SAMPLE_ROWS) for table, file in files.items()}


def _qualified(found: Sequence[Verdict], tables: Sequence[catalogue.Table]) -> list[Verdict]:
    """Verdicts under the tables' full names: a candidate is judged in the name of what it will become."""
    schemas = {table.name: table.schema for table in tables}
    return [replace(verdict, table_name=f"{schemas[verdict.table_name]}.{verdict.table_name}") for verdict in found]


def _conclude(url: str, kept_in: ledger.Ledger, subject_id: int, subject: str, verdicts: Sequence[Verdict]) -> bool:
    with ledger.connected(url) as connection:
        ledger.store(connection, kept_in, subject_id, verdicts)
    outcome = worst(verdicts)
    ending = {"pass": "passed the gate", "warn": "passed the gate with warnings", "fail": "was refused by the gate"}
    print(report(f"{subject} {ending[outcome]}.", verdicts), flush=True)
    return outcome != "fail"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    subjects = parser.add_subparsers(dest="subject", required=True)
    subjects.add_parser("load", help="the candidates of a load").add_argument("ids", type=int, nargs=1, metavar="LOAD")
    subjects.add_parser("batch", help="landed batches").add_argument("ids", type=int, nargs="+", metavar="BATCH")
    asked = parser.parse_args(arguments)
    settings = GateSettings()
    try:
        if asked.subject == "load":
            return PASSED if gate_load(settings.main_url(), asked.ids[0]) else FAILED
        passed = [batch_id for batch_id in asked.ids if gate_batch(settings.source_url(), batch_id)]
    except GateError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    refused = [batch_id for batch_id in asked.ids if batch_id not in passed]
    print(json.dumps({"passed": passed, "refused": refused}))
    return FAILED if refused else PASSED


if __name__ == "__main__":
    sys.exit(main())
