"""A small zip causes little work: its expansion, its members and its rejected rows are limited, and it is opened once."""

import json
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flask_endpoint.errors import NotAnExport
from flask_endpoint.exports import files, sources
from flask_endpoint.exports.files import read_files
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.imports.importing import import_files
from flask_endpoint.landing import batches
from flask_endpoint.landing.batches import PositionedRow, _positioned_rows
from flask_endpoint.plays.instants import Horizon
from tests.flask_endpoint.exports.files import EXTENDED, write_zip
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import MakeSettings

HORIZON = Horizon(datetime(2024, 6, 1, tzinfo=UTC))
REJECTED = EXTENDED | {"ms_played": -1}


def zipped(tmp_path: Path, members: dict[str, Any]) -> bytes:
    return write_zip(tmp_path / "one.zip", members).read_bytes()


def read_rows(path: Path) -> list[PositionedRow]:
    return list(_positioned_rows(read_files(find_sources([path]), HORIZON, "ana"), []))


def test_expansion_is_limited_in_each_member(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "my.zip", {"endsong_0.json": b"[" + b"{}," * 800_000 + b"{}]"})
    assert path.stat().st_size < 3_000
    with pytest.raises(NotAnExport, match=r"my\.zip contains a file compressed more than 200 to 1"):
        find_sources([path])


def test_expansion_is_limited_in_the_whole_zip(tmp_path: Path) -> None:
    small = b"[" + b"{}," * 300_000 + b"{}]"
    path = write_zip(tmp_path / "my.zip", {f"endsong_{number}.json": small for number in range(3)})
    with pytest.raises(NotAnExport, match=r"my\.zip unpacks to more than 200 times its size"):
        find_sources([path])


def test_expansion_is_limited_through_two_levels(tmp_path: Path) -> None:
    inner = zipped(tmp_path, {f"endsong_{number}.json": [EXTENDED] * 5_000 for number in range(50)})
    path = write_zip(tmp_path / "all.zip", {"one.zip": inner})
    with pytest.raises(NotAnExport, match=r"all\.zip unpacks to more than 200 times its size"):
        find_sources([path])


def test_number_of_files_is_limited_over_all_zips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_FILES", 3)
    one, two = (
        write_zip(tmp_path / name, {f"endsong_{n}.json": [EXTENDED] for n in (0, 1)}) for name in ("1.zip", "2.zip")
    )
    assert len(find_sources([one])) == 2
    with pytest.raises(NotAnExport, match=r"More than 3 JSON files were given, the last in 2\.zip"):
        find_sources([one, two])


def test_large_directory_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "my.zip", {f"{number}.txt": b"" for number in range(100)})
    monkeypatch.setattr(sources, "LARGEST_DIRECTORY", 1_000)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(NotAnExport, match=r"my\.zip contains more than 10,000 files"):
        find_sources([path])


@pytest.mark.parametrize("is_inner", [False, True], ids=["zip", "zip in a zip"])
@pytest.mark.parametrize("is_parallel", [False, True], ids=["one process", "readers"])
def test_reading_opens_each_zip_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_inner: bool, is_parallel: bool
) -> None:
    members = {f"endsong_{number}.json": [EXTENDED] for number in range(20)}
    path = write_zip(tmp_path / "my.zip", {"one.zip": zipped(tmp_path, members)} if is_inner else members)
    found = find_sources([path])
    opened: Counter[str] = Counter()
    real = zipfile.ZipFile
    monkeypatch.setattr(zipfile, "ZipFile", lambda file: opened.update([type(file).__name__]) or real(file))
    if is_parallel:  # The readers are other processes: only the rows can be compared.
        monkeypatch.setattr(files, "SMALLEST_PARALLEL_READ", 0)
    assert [len(list(export.rows)) for export in read_files(found, HORIZON, "ana")] == [1] * 20
    assert set(opened.values()) == (set() if is_parallel else {1})


def test_reading_stops_at_rejected_rows_without_a_play(tmp_path: Path) -> None:
    path = tmp_path / "endsong_0.json"
    path.write_text(json.dumps([REJECTED] * batches.MOST_REJECTED))
    with pytest.raises(NotAnExport, match=r"endsong_0\.json: 10,000 rows were rejected .* because: ms_played is not"):
        read_rows(path)


def test_reading_stops_at_rejected_rows_of_many_files_without_a_play(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_REJECTED", 10)
    path = write_zip(tmp_path / "my.zip", {f"endsong_{number}.json": [REJECTED] * 4 for number in range(3)})
    with pytest.raises(NotAnExport, match=r"endsong_2\.json: 10 rows were rejected"):
        read_rows(path)


def test_rejected_rows_of_a_file_with_a_play_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "MOST_REJECTED", 10)
    rows = {"endsong_0.json": [REJECTED] * 9 + [EXTENDED] + [REJECTED] * 20, "endsong_1.json": [REJECTED] * 9}
    assert len(read_rows(write_zip(tmp_path / "my.zip", rows))) == 39


def test_refused_file_leaves_nothing(settings: MakeSettings, source: psycopg.Connection, tmp_path: Path) -> None:
    path = tmp_path / "endsong_0.json"
    path.write_text(json.dumps([{}] * 20_000))
    with pytest.raises(NotAnExport, match="10,000 rows were rejected"):
        import_files(settings("http://127.0.0.1:1"), "ana", [path])
    for table in ("raw.listener", "raw.import", "landing.batch", "landing.rejected"):
        assert source.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table
