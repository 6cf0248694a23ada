"""Texts of export files are cut at a maximum length, however the file is read."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from common.texts import LONGEST_TEXT
from flask_endpoint.exports import reading
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.plays.account import AccountRow
from flask_endpoint.plays.extended import ExtendedRow
from flask_endpoint.plays.text import REPLACEMENT, repair_text
from tests.flask_endpoint.exports.files import ACCOUNT, EXTENDED, outcome, read, write_zip

LONG = "a" * 1_200_000
CUT = "a" * (LONGEST_TEXT - 1) + REPLACEMENT


@pytest.fixture(params=["in memory", "streamed"])
def read_both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test twice: with the files in memory, and streamed."""
    if request.param == "streamed":
        monkeypatch.setattr(reading, "IN_MEMORY_LIMIT", 0)


def write_json(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text(json.dumps(rows))
    return path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * LONGEST_TEXT, "a" * LONGEST_TEXT),
        ("a" * (LONGEST_TEXT + 1), CUT),
        (LONG, CUT),
        ("\U0001f3b5" * (LONGEST_TEXT + 1), "\U0001f3b5" * (LONGEST_TEXT - 1) + REPLACEMENT),
        (CUT, CUT),
    ],
    ids=["longest", "longer", "1.2 MB", "characters, not bytes", "cut already"],
)
def test_text_is_cut_after_longest_length(text: str, expected: str) -> None:
    assert repair_text(text) == expected


@pytest.mark.parametrize("row_type", [ExtendedRow, AccountRow])
def test_every_text_of_a_row_has_a_maximum_length(row_type: type[AccountRow] | type[ExtendedRow]) -> None:
    texts = [field.name for field in msgspec.structs.fields(row_type) if "str" in str(field.type)]
    decode = msgspec.json.Decoder(row_type).decode
    assert len(texts) >= 6
    for name in texts:
        assert getattr(decode(json.dumps({name: "a" * LONGEST_TEXT})), name) == "a" * LONGEST_TEXT
        with pytest.raises(msgspec.ValidationError, match=f"length <= {LONGEST_TEXT}"):
            decode(json.dumps({name: "a" * (LONGEST_TEXT + 1)}))


@pytest.mark.parametrize("ending", ["", "\0"], ids=["text", "text with NUL"])
def test_long_texts_of_extended_row_are_cut(tmp_path: Path, read_both_ways: None, ending: str) -> None:
    fields = ("master_metadata_track_name", "master_metadata_album_artist_name", "master_metadata_album_album_name")
    others = ("platform", "conn_country", "reason_start", "reason_end")
    path = write_json(tmp_path / "endsong_0.json", [EXTENDED | dict.fromkeys((*fields, *others), LONG + ending)])
    [(_, [row])] = read(path)
    texts = (row.title, row.artist_name, row.album_title, row.platform, row.country, row.reason_start, row.reason_end)
    assert texts == (CUT,) * 7
    assert (row.title_key, row.artist_key, row.album_key) == (CUT,) * 3


def test_long_texts_of_account_row_are_cut(tmp_path: Path, read_both_ways: None) -> None:
    path = write_json(tmp_path / "StreamingHistory0.json", [ACCOUNT | {"trackName": LONG, "artistName": LONG}])
    [(_, [row])] = read(path)
    assert (row.title, row.artist_name) == (CUT, CUT)


def test_long_instant_is_unreadable(tmp_path: Path, read_both_ways: None) -> None:
    path = write_json(tmp_path / "endsong_0.json", [EXTENDED, EXTENDED | {"ts": EXTENDED["ts"] + LONG}])
    [(_, rows)] = read(path)
    assert outcome(rows) == ["track", "the end time cannot be read"]


def test_long_file_name_keeps_its_end(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "my.zip", {f"{'b' * 60_000}/endsong_0.json": [EXTENDED]})
    [source] = find_sources([path])
    assert len(source.name) == LONGEST_TEXT and source.name.endswith("b/endsong_0.json")
