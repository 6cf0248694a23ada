"""Reader processes return the same rows, order and errors as one process, and always end with the import."""

import json
import os
import select
import signal
import subprocess
import sys
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from flask_endpoint.errors import NotAnExport, ReadingFailed
from flask_endpoint.exports import files
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.plays.instants import Horizon
from tests.flask_endpoint.exports.files import ACCOUNT, EXTENDED, NOW

ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of four histories. Three of them contain rejected rows."""
    for number in range(3):
        rows = [EXTENDED | {"ms_played": 1000 * number + row} for row in range(50)]
        (tmp_path / f"endsong_{number}.json").write_text(
            json.dumps([*rows, EXTENDED | {"ms_played": -1}, "not an object"])
        )
    (tmp_path / "StreamingHistory0.json").write_text(json.dumps([ACCOUNT]))
    return tmp_path


def read_all(paths: list[Path], listener_id: str = "ana") -> list[Any]:
    sources = find_sources(paths)
    return [
        (export.name, export.recognised, list(map(str, export.rows)))
        for export in files.read_files(sources, Horizon(NOW), listener_id)
    ]


def test_reader_processes_return_same_rows_in_same_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(folder.iterdir())
    expected = read_all(paths)
    monkeypatch.setattr(files, "SMALLEST_PARALLEL_READ", 0)
    monkeypatch.setattr(files, "ROWS_PER_MESSAGE", 7)
    assert read_all(paths) == expected
    assert [name for name, _, _ in expected] == [path.name for path in paths]
    assert [len(rows) for _, _, rows in expected] == [1, 52, 52, 52]
    assert active_children() == []


def test_error_in_reader_process_fails_the_import(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "endsong_2.json").write_text('[{"ts": "2022-05-01T12:00:0')
    monkeypatch.setattr(files, "SMALLEST_PARALLEL_READ", 0)
    with pytest.raises(NotAnExport, match=r"^endsong_2.json is cut off or damaged"):
        read_all(sorted(folder.iterdir()))
    assert active_children() == []


def test_reader_processes_end_when_import_stops_early(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SMALLEST_PARALLEL_READ", 0)
    exports = files.read_files(find_sources(sorted(folder.iterdir())), Horizon(NOW), "ana")
    next(exports)
    assert len(active_children()) == files.READER_COUNT
    exports.close()
    assert active_children() == []


def test_killed_reader_process_fails_the_import(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SMALLEST_PARALLEL_READ", 0)
    exports = files.read_files(find_sources(sorted(folder.iterdir())), Horizon(NOW), "ana")
    next(exports)
    for reader in active_children():
        reader.kill()
        reader.join()
    with pytest.raises(ReadingFailed, match="was killed, perhaps for lack of memory"):
        for export in exports:
            list(export.rows)


def test_reader_processes_end_when_import_is_killed(folder: Path) -> None:
    script = f"""
import sys
from multiprocessing import active_children
from flask_endpoint.exports import files
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.plays.instants import Horizon
from tests.flask_endpoint.exports.files import NOW
from pathlib import Path
if __name__ == "__main__":
    files.SMALLEST_PARALLEL_READ = 0
    exports = files.read_files(find_sources(sorted(Path({str(folder)!r}).glob("*.json"))), Horizon(NOW), "ana")
    next(exports)
    print(*(reader.pid for reader in active_children()), flush=True)
    sys.stdin.read()
"""
    program = folder / "import.py"
    program.write_text(script)
    with subprocess.Popen(
        [sys.executable, program],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as importing:
        assert importing.stdout is not None
        readers = [os.pidfd_open(int(pid)) for pid in importing.stdout.readline().split()]
        importing.send_signal(signal.SIGKILL)
    assert len(readers) == files.READER_COUNT
    for reader in readers:
        assert select.select([reader], [], [], 30)[0], "a reader process is still running"
        os.close(reader)
