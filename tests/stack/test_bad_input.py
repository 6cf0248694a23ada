"""Wrong input ends with one clear sentence and a non-zero exit code, and writes nothing."""

import json
from pathlib import Path

import pytest

from tests.running_stack import runtime
from tests.stack.conftest import Ask

ROW = {"ts": "2024-03-01T10:00:00Z", "ms_played": 60000, "spotify_track_uri": "spotify:track:0uoyRcSBbBsHFpMHmYBJ0j"}
FILES = {
    "notes.txt": b"dear diary",
    "settings.json": b'{"theme": "dark"}',
    "other.json": b'[{"name": "not a play"}]',
    "endsong_0.json": json.dumps([ROW] * 3).encode()[:-20],
    "empty.json": b"",
    "broken.zip": b"PK\x03\x04 and no more",
}


def stored_rows(ask: Ask, listener: str) -> list[int]:
    """Return how many rows each table has of the listener."""
    return [
        ask("source", f"SELECT count(*) FROM {table} WHERE listener_id = %s", listener)[0][0]
        for table in ("raw.listener", "raw.play", "raw.received", "landing.batch")
    ]


@pytest.mark.parametrize("name", FILES)
def test_import_rejects_file_that_is_not_an_export_and_stores_nothing(name: str, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    done = runtime("import", "--listener", "nobody", "--files", str(tmp_path / name))
    assert done.returncode != 0
    assert name in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert stored_rows(ask, "nobody") == [0, 0, 0, 0]


def test_one_bad_file_rejects_whole_import(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "endsong_1.json").write_text(json.dumps([ROW]))
    (tmp_path / "empty.json").write_bytes(b"")
    done = runtime("import", "--listener", "nobody", "--files", f"{tmp_path}/endsong_1.json {tmp_path}/empty.json")
    assert done.returncode != 0 and "empty.json" in done.stderr
    assert stored_rows(ask, "nobody") == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "expected_text"),
    [
        (("--listener", "nobody", "--files", "there-is-no-such.zip"), "there-is-no-such.zip"),
        (("--listener", "No Body!", "--files", "endsong.json"), "No Body!"),
        (("--listener", "nobody", "--files", "endsong.json", "--time-zone", "Europe/Atlantis"), "Europe/Atlantis"),
    ],
)
def test_error_names_wrong_argument(arguments: tuple[str, ...], expected_text: str, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "endsong.json").write_text(json.dumps([ROW]))
    done = runtime("import", *(str(tmp_path / word) if word == "endsong.json" else word for word in arguments))
    assert done.returncode != 0
    assert expected_text in done.stderr and "Traceback" not in done.stderr
    assert stored_rows(ask, "nobody") == [0, 0, 0, 0]


def test_failed_statement_exits_with_3_and_prints_no_rows() -> None:
    done = runtime("psql", "--database", "main", "--sql", "SELECT no_such_column")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no_such_column" in done.stderr


def test_statement_prints_only_its_rows() -> None:
    done = runtime("psql", "--database", "source", "--sql", "SELECT 1, 'a' UNION ALL SELECT 2, NULL ORDER BY 1")
    assert (done.returncode, done.stdout) == (0, "1|a\n2|\n")


def test_starting_a_running_stack_succeeds() -> None:
    assert runtime("up").returncode == 0
