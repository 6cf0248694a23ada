"""Soda scans of one schema: checks in, verdicts out. Each reads only, and from one snapshot."""

import json
import os
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from typing import Any

import psycopg2.extensions
from check_files import ROWS_FAILED
from gate_errors import DatabaseProblem, ScanProblem
from soda_library import SAMPLE_ROWS, SampleContext, Sampler, SampleRef, Scan
from verdicts import Verdict

CONNECT_TIMEOUT = 10  # seconds
STATEMENT_TIMEOUT = "10min"
SORT_MEMORY = "64MB"  # What one sort or hash of a check may hold; more goes to disk.
SCANS_AT_ONCE = 2
SHOWN_CHARACTERS = 80  # of one value
COUNTS_ROWS = ("failed rows", "duplicate_count", "missing_count", "invalid_count")

Rows = dict[tuple[str, str | None], tuple[str, ...]]


class RowSampler(Sampler):
    """Keeps some failing rows of each check, as Soda comes by them, each named by its key and what was checked."""

    def __init__(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        self.keys = keys
        self.rows: Rows = {}

    def store_sample(self, sample_context: SampleContext) -> SampleRef:
        table = sample_context.partition.table.table_name
        schema = sample_context.sample.get_schema()
        names = [column.name for column in schema.columns]
        rows = [dict(zip(names, row, strict=True)) for row in sample_context.sample.get_rows()]
        shown = self._shown(table, names, str(sample_context.query))
        self.rows[table, sample_context.check_name] = tuple(
            " ".join(f"{name}={str(row[name])[:SHOWN_CHARACTERS]}" for name in shown) for row in rows[:SAMPLE_ROWS]
        )
        total = rows[0][ROWS_FAILED] if rows and ROWS_FAILED in names else len(rows)
        return SampleRef("failed_rows", schema, total, len(rows), SampleRef.TYPE_NOT_PERSISTED)

    def _shown(self, table: str, names: list[str], query: str) -> list[str]:
        """All that a check's own query selects; of a whole row the key and what the condition mentions."""
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
    """Run `checks`, as read from their files; `keys` are the tables' key columns, `variables` what checks refer to."""
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
        connection.close()  # Soda leaves it open, and with it a transaction.
    if soda.has_error_logs():
        raise ScanProblem(f"The gate could not run {_first_check(soda)}: {_first_error(soda)}.")
    return _verdicts(soda.get_scan_results()["checks"], soda.sampler.rows)


def scan_side_by_side(
    url: str,
    schema: str,
    portions: Sequence[Sequence[Mapping[str, Any]]],
    keys: Mapping[str, tuple[str, ...]],
    variables: Mapping[str, int],
) -> list[Verdict]:
    """Scan portions of the checks by processes of their own, some at a time, each from a snapshot of its own.

    PostgreSQL gives most of these queries one processor, and Soda has one log a process.
    """
    if len(portions) == 1:
        return scan(url, schema, portions[0], keys, variables)
    with ProcessPoolExecutor(SCANS_AT_ONCE, get_context("fork"), initializer=_end_with_parent) as pool:
        scans = [pool.submit(scan, url, schema, checks, keys, variables) for checks in portions]
        try:
            return [verdict for one in scans for verdict in one.result()]
        except BrokenProcessPool:
            raise ScanProblem("A process of the gate ended without a word: is there enough memory?") from None


def _end_with_parent() -> None:
    """End this process when the one that started it does, however that ends."""
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()


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
    """All checks see one snapshot, none can change what it looks at, none runs for ever."""
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
    """Soda names the query that failed by number, data source and table."""
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
            raise ScanProblem(f"Two checks of {table} are called '{name}': give each its own name.")
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
