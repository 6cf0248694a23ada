"""Deleting a listener while `make import` runs: the import reports the deletion, and nothing of the listener is left."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from common.exit_codes import ExitCode
from flask_endpoint.database import connect
from flask_endpoint.reconciliation.forget import delete_listener
from tests.flask_endpoint.imports.commands import GATE_ACCEPTS, ROOT, Query, Run, balance_of, is_database_empty

WAITS = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s || '%%'"


@contextmanager
def started(url: str, export: Path) -> Iterator[subprocess.Popen[str]]:
    """Start an import for ana, and kill it on exit."""
    environment = {**os.environ, "ENDPOINT_DATABASE_URL": url, "GATE_COMMAND": GATE_ACCEPTS, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flask_endpoint", "import", "--listener", "ana", str(export)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(watcher: psycopg.Connection, process: subprocess.Popen[str], query: str) -> None:
    """Return when a session waits for a lock in a query that starts like this."""
    while not watcher.execute(WAITS, (query,)).fetchall():
        assert process.poll() is None, f"the import finished before it was seen at {query}"


def delete(url: str) -> None:
    with connect(url) as connection:
        delete_listener(connection, "ana")


def assert_reports_deletion(process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, "The listener was deleted" in errors) == (ExitCode.NO, True), errors


def test_deletion_stops_landing_first_import_and_import_that_waits_for_it(
    run: Run, url: str, query: Query, export: Path
) -> None:
    with connect(url) as blocker, connect(url) as watcher:
        watcher.autocommit = True
        blocker.execute("LOCK TABLE landing.rejected IN SHARE MODE")
        with started(url, export) as landing:
            wait_for(watcher, landing, "COPY landing.rejected")
            with started(url, export) as waiting:
                wait_for(watcher, waiting, "SELECT pg_advisory_lock")
                delete(url)
                assert_reports_deletion(waiting)
            assert_reports_deletion(landing)
    assert is_database_empty(query)
    assert balance_of(run("import", "--listener", "ana", "--json", export)) == [2, 1, 0, 0, 1]
