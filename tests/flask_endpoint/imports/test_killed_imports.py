"""Imports that are killed: nothing of them is published, and their rows are deleted later."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from flask_endpoint.database import connect
from flask_endpoint.imports.unfinished import clear_killed_imports
from tests.flask_endpoint.exports.files import EXTENDED, write_zip
from tests.flask_endpoint.imports.commands import GATE_ACCEPTS, ROOT, Query, Run, all_rows, balance_of
from tests.flask_endpoint.reconciliation.reference_items import instant

OTHER_SESSIONS = (
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid()"
)


@contextmanager
def started(url: str, gate: str, *files: Path, listener: str = "ana") -> Iterator[subprocess.Popen[bytes]]:
    """Start an import, and kill it and its children on exit. Then wait until the server has closed their sessions."""
    environment = {**os.environ, "ENDPOINT_DATABASE_URL": url, "GATE_COMMAND": gate, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flask_endpoint", "import", "--listener", listener, *map(str, files)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        with connect(url) as watcher:
            watcher.autocommit = True
            while watcher.execute(OTHER_SESSIONS).fetchall():
                pass  # The server notices that a client is gone when it next writes to it.


@pytest.fixture
def waiting_gate(tmp_path: Path) -> tuple[str, Path]:
    """Return a gate command that does not finish, and a FIFO that can be read once the gate has started."""
    gate_started = tmp_path / "gate_started"
    os.mkfifo(gate_started)
    return f"sh -c 'echo > {gate_started}; exec sleep 60'", gate_started


def test_next_import_deletes_import_killed_during_gate(
    run: Run, url: str, query: Query, export: Path, waiting_gate: tuple[str, Path]
) -> None:
    gate, gate_started = waiting_gate
    with started(url, gate, export):
        gate_started.read_text()  # Blocks until the gate has started. The batch has landed by then.
    assert query("SELECT status FROM raw.import") == [("landed",)]
    assert query("SELECT FROM raw.received") == []
    assert balance_of(run("import", "--listener", "ana", "--json", export)) == [2, 1, 0, 0, 1]
    assert query("SELECT status FROM raw.import") == [("promoted",)]
    assert balance_of(run("import", "--listener", "ana", "--json", export)) == [2, 0, 0, 1, 1]


def test_clear_killed_imports_deletes_killed_imports_and_skips_running_one(
    run: Run, url: str, query: Query, export: Path, waiting_gate: tuple[str, Path]
) -> None:
    gate, gate_started = waiting_gate
    run("import", "--listener", "ben", export)
    before = all_rows(query)
    for listener in ("ana", "ben"):
        with started(url, gate, export, listener=listener):
            gate_started.read_text()
            with connect(url) as connection:
                assert clear_killed_imports(connection) == (["ana"] if listener == "ben" else [])
            assert ("landed",) in query("SELECT status FROM raw.import")
    with connect(url) as connection:
        assert clear_killed_imports(connection) == ["ben"]
        assert clear_killed_imports(connection) == []
    assert all_rows(query) == before


@pytest.mark.parametrize(
    "stage", ["COPY landing.play", "Read all rows of the listener", "Recompute the plays that may have changed"]
)
def test_large_import_killed_at_any_stage_adds_no_play_and_succeeds_when_repeated(
    run: Run, url: str, query: Query, tmp_path: Path, stage: str
) -> None:
    rows = 60_000
    history = write_zip(tmp_path / "my_spotify_data.zip", {"x/endsong_0.json": [large_row(n) for n in range(rows)]})
    with started(url, GATE_ACCEPTS, history) as process, connect(url) as watcher:
        watcher.autocommit = True
        at_stage = f"{OTHER_SESSIONS} AND state = 'active' AND query LIKE '%%' || %s || '%%'"
        while not watcher.execute(at_stage, (stage,)).fetchall():
            assert process.poll() is None, f"the import finished before it was seen at {stage}"
    assert query("SELECT FROM raw.received") == query("SELECT FROM raw.play") == []
    assert balance_of(run("import", "--listener", "ana", "--json", history)) == [rows, rows, 0, 0, 0]
    assert query("SELECT count(DISTINCT play_id) FROM raw.play") == [(rows,)]
    assert balance_of(run("import", "--listener", "ana", "--json", history)) == [rows, 0, 0, rows, 0]


def large_row(number: int) -> dict[str, object]:
    """Return an extended row that ends `number` minutes after the start of 2020."""
    at = instant("2020-01-01T00:00:00") + timedelta(minutes=number)
    return EXTENDED | {"ts": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
