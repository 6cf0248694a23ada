"""Run Soda scans of one schema and return verdicts. Each scan is read-only and uses one snapshot."""

import json
import os
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any

import psycopg2.extensions
from check_files import ROWS_FAILED
from gate_errors import DatabaseProblem, ScanProblem
from soda_library import SAMPLE_ROWS, SampleContext, Sampler, SampleRef, Scan
from verdicts import Verdict

from common.database_options import CONNECT_TIMEOUT

STATEMENT_TIMEOUT = "10min"
SORT_MEMORY = "64MB"  # for each sort or hash of a check; more goes to disk
PARALLEL_SCANS = 2
SHOWN_CHARACTERS = 80  # of each value in a sample row
COUNTS_ROWS = ("failed rows", "duplicate_count", "missing_count", "invalid_count")

Rows = dict[tuple[str, str | None], tuple[str, ...]]


class RowSampler(Sampler):  # type: ignore[misc]  # Soda has no types.
    """Keep some failing rows of each check. A row is shown by its key and the columns that the check uses."""

    def __init__(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        self.keys = keys
        self.rows: Rows = {}

    def store_sample(self, sample_context: SampleContext) -> SampleRef:
        """Keep the sample that Soda passes, and return its size to Soda."""
        table = sample_context.partition.table.table_name
        schema = sample_context.sample.get_schema()
        names = [column.name for column in schema.columns]
        rows = [dict(zip(names, row, strict=True)) for row in sample_context.sample.get_rows()]
        shown = self._shown_columns(table, names, str(sample_context.query))
        lines = [
            " ".join(f"{name}={str(row[name])[:SHOWN_CHARACTERS]}" for name in shown) for row in rows[:SAMPLE_ROWS]
        ]
        # Without ORDER BY, PostgreSQL returns rows in any order. Sort them, so that reports can be compared.
        self.rows[table, sample_context.check_name] = tuple(sorted(lines))
        total = rows[0][ROWS_FAILED] if rows and ROWS_FAILED in names else len(rows)
        return SampleRef("failed_rows", schema, total, len(rows), SampleRef.TYPE_NOT_PERSISTED)

    def _shown_columns(self, table: str, names: list[str], query: str) -> list[str]:
        """Return the columns that the check's query selects; for a condition, the key and the columns that it mentions."""
        if ROWS_FAILED in names:
            return [name for name in names if name != ROWS_FAILED]
        mentioned = set(re.findall(r"\w+", query.rpartition("WHERE")[2]))
        return [name for name in names if name in self.keys.get(table, ()) or name in mentioned]


def scan(
    url: str,
    schema: str,
    checks: Iterable[Mapping[str, Any]],
    keys: Mapping[str, tuple[str, ...]],
    variables: Mapping[str, int],
) -> list[Verdict]:
    """Run `checks` and return a verdict on each.

    `keys` maps tables to their key columns; `variables` are the values of the `${...}` in checks. Raises ScanProblem.
    """
    soda = Scan()
    soda.disable_telemetry()
    soda.set_data_source_name(schema)
    soda.add_configuration_yaml_str(json.dumps(_configuration(url, schema)))
    soda.add_variables({name: str(value) for name, value in variables.items()})
    for sections in checks:
        soda.add_sodacl_yaml_str(json.dumps(sections))  # JSON is YAML, and keeps the order.
    soda.sampler = RowSampler(keys)
    connection = _connect(soda, schema)
    try:
        soda.execute()
    finally:
        connection.close()  # Soda leaves the connection open in a transaction.
    if soda.has_error_logs():
        raise ScanProblem(f"The gate could not run {_first_check(soda)}: {_first_error(soda)}.")
    return _verdicts(soda.get_scan_results()["checks"], soda.sampler.rows)


def scan_in_parallel(
    url: str,
    schema: str,
    groups: Sequence[Sequence[Mapping[str, Any]]],
    keys: Mapping[str, tuple[str, ...]],
    variables: Mapping[str, int],
) -> list[Verdict]:
    """Scan each group of checks in a process of its own, `PARALLEL_SCANS` at a time. Each scan has its own snapshot.

    PostgreSQL runs most of these queries on one core, and Soda has one log per process.
    """
    if len(groups) == 1:
        return scan(url, schema, groups[0], keys, variables)
    with ProcessPoolExecutor(PARALLEL_SCANS, get_context("fork"), initializer=_exit_with_parent) as pool:
        try:
            scans = [pool.submit(scan, url, schema, checks, keys, variables) for checks in groups]
            return [verdict for one in scans for verdict in one.result()]
        except BrokenProcessPool:
            raise ScanProblem(
                "A process of the gate was killed. The machine may be out of memory: check its log."
            ) from None


def _exit_with_parent() -> None:
    """Exit when the parent process exits, even if the parent is killed."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_exit_after, args=(parent,), daemon=True).start()


def _exit_after(process: BaseProcess) -> None:
    process.join()
    os._exit(1)


def _configuration(url: str, schema: str) -> dict[str, Any]:
    parts = psycopg2.extensions.parse_dsn(url)
    connection = {
        "type": "postgres",
        "host": parts.get("host", "127.0.0.1"),
        "port": parts.get("port", "5432"),
        "username": parts.get("user"),
        "password": parts.get("password", ""),
        "database": parts.get("dbname"),
        "schema": schema,
        "connection_timeout": CONNECT_TIMEOUT,
        "sampler": {"samples_limit": SAMPLE_ROWS},
    }
    return {f"data_source {schema}": connection}


def _connect(soda: Scan, schema: str) -> psycopg2.extensions.connection:
    """Open a read-only connection with one snapshot for all checks and a statement time-out. Raises DatabaseProblem."""
    source = soda._data_source_manager.get_data_source(schema)
    if source is None:
        raise DatabaseProblem(f"The gate cannot reach its database: {_first_error(soda)}.")
    source.connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    with source.connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute(f"SET work_mem = '{SORT_MEMORY}'")
    source.connection.commit()
    return source.connection


def _first_check(soda: Scan) -> str:
    """Return which table's check failed to run. Soda names the failed query by number, data source and table."""
    table = re.match(r"Query execution error in \d+\.\w+\.(\w+)", soda.get_error_logs()[0].message)
    return f"a check of {table[1]}" if table else "its checks"


def _first_error(soda: Scan) -> str:
    error = soda.get_error_logs()[0]
    return " ".join(str(error.exception or error.message).split()).rstrip(".^ ")


def _verdicts(checks: Iterable[Mapping[str, Any]], rows: Rows) -> list[Verdict]:
    verdicts: dict[tuple[str, str], Verdict] = {}
    for check in checks:
        table, name, value = check["table"], check["name"], check["diagnostics"]["value"]
        if (table, name) in verdicts:
            raise ScanProblem(f"Two checks of {table} have the name '{name}': give each its own name.")
        counts_rows = any(word in check["definition"] for word in COUNTS_ROWS)
        verdicts[table, name] = Verdict(
            table_name=table,
            check_name=name,
            outcome=check["outcome"],
            measured=None if value is None else float(value),
            rows_failed=int(value) if counts_rows and value is not None else None,
            rows=rows.get((table, name), ()) if check["outcome"] != "pass" else (),
        )
    return list(verdicts.values())
