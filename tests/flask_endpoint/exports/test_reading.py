"""Export files are read in memory or streamed, with the same rows. Damaged and unrelated files are refused with a message."""

import json
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_endpoint.errors import NotAnExport
from flask_endpoint.exports import reading, sources
from flask_endpoint.exports.repair import StreamRepair, replace_unpaired_surrogates
from tests.flask_endpoint.exports.files import ACCOUNT, EXTENDED, outcome, read, write_zip


@pytest.fixture(params=["in memory", "streamed"])
def read_both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test twice: with the files in memory, and streamed."""
    if request.param == "streamed":
        monkeypatch.setattr(reading, "IN_MEMORY_LIMIT", 0)


@pytest.mark.parametrize("text", ["[{}]", "\ufeff[{}]", " [\n {} \n] "])
def test_rows_are_read_with_any_white_space_and_byte_order_mark(
    tmp_path: Path, read_both_ways: None, text: str
) -> None:
    path = tmp_path / "endsong_0.json"
    path.write_text(text.replace("{}", json.dumps(EXTENDED, indent=2)), encoding="utf-8")
    [(export, rows)] = read(path)
    assert (export.recognised.origin, outcome(rows)) == ("extended", ["track"])


def test_each_invalid_row_is_rejected_alone(tmp_path: Path, read_both_ways: None) -> None:
    path = tmp_path / "any name.json"
    invalid: list[Any] = [
        7,
        None,
        [],
        "x",
        EXTENDED | {"ms_played": -1},
        EXTENDED | {"ts": "1970-01-01T00:00:00Z"},
        {},
        EXTENDED | {"shuffle": "yes"},
    ]
    path.write_text(json.dumps([EXTENDED, *invalid]))
    [(_, rows)] = read(path)
    not_an_object, bad_length = "the row is not an object", "ms_played is not an integer from 0 to 86,400,000"
    assert outcome(rows) == [
        "track",
        *[not_an_object] * 4,
        bad_length,
        "the end time is before 2008-01-01",
        bad_length,
        "track",
    ]


def test_bytes_that_are_not_utf_8_are_replaced(tmp_path: Path, read_both_ways: None) -> None:
    path = tmp_path / "endsong_0.json"
    path.write_bytes(json.dumps([EXTENDED, EXTENDED]).encode().replace(b"Song", b"S\xffng", 1))
    [(_, rows)] = read(path)
    assert [row.title for row in rows] == ["S\ufffdng", "Song"]


def test_unpaired_surrogates_are_replaced_and_rows_are_kept(tmp_path: Path, read_both_ways: None) -> None:
    titles = ["\ud83d", "\udc00x", "\ud83d\ud83d\ude00", "\U0001f600", r"\ud800", "\\\ud800"]
    path = tmp_path / "endsong_0.json"
    path.write_text(json.dumps([EXTENDED | {"master_metadata_track_name": title} for title in titles]))
    [(_, rows)] = read(path)
    assert [row.title for row in rows] == ["\ufffd", "\ufffdx", "\ufffd\U0001f600", "\U0001f600", r"\ud800", "\\\ufffd"]


PIECES = [
    b"\\",
    b"\\\\",
    b"u",
    b"\\u",
    b"\\ud83d",
    b"\\uDe00",
    b"d83",
    b"\xf0\x9f",
    b"\x98\x80",
    b"\xff",
    b"a",
    b'"',
    b"\\n",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join), st.lists(st.integers(0, 60), max_size=8))
def test_repair_is_independent_of_how_the_file_is_split(data: bytes, cuts: list[int]) -> None:
    stream, ends = StreamRepair(), sorted({cut for cut in cuts if 0 < cut < len(data)})
    pieces = [data[a:b] for a, b in pairwise([0, *ends, len(data)])] if data else []
    assert b"".join(map(stream.repair, [*pieces, b""])) == replace_unpaired_surrogates(
        data.decode("utf-8", "replace").encode()
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b'[{"ts": "2022-05-01T12:00:00Z", "ms_pl', "cut off or damaged"),
        (b'[{"ts": 1}, nonsense]', "cut off or damaged"),
        (b'{"ts": 1, "ms_played": 2}', "is not a list of plays"),
        (b"[" * 200_000 + b"]" * 200_000, "nested too deeply"),
        (b"\xff\xfe[\x00]\x00", "is not UTF-8"),
    ],
)
def test_damaged_file_is_refused_with_its_name_and_problem(
    tmp_path: Path, read_both_ways: None, content: bytes, problem: str
) -> None:
    path = tmp_path / "endsong_0.json"
    path.write_bytes(content)
    with pytest.raises(NotAnExport, match=f"^endsong_0.json .*{problem}.*\\.$"):
        read(path)


@pytest.mark.parametrize("content", [b"hello", b'{"playlists": []}', b'[{"a": 1}]', b"\x89PNG....", b"[]", b"null"])
def test_file_without_listening_history_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(NotAnExport, match="is not a Spotify listening history"):
        read(path)


def test_missing_empty_and_misnamed_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.json").touch()
    (tmp_path / "misnamed.zip").write_text("not a zip")
    for name, problem in (
        ("none.json", "does not exist"),
        ("empty.json", "is empty"),
        ("misnamed.zip", "is not a zip"),
        (".", "is not a file"),
    ):
        with pytest.raises(NotAnExport, match=problem):
            read(tmp_path / name)


def test_only_histories_are_read_from_spotifys_zip(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "my_spotify_data.zip",
        {
            "Spotify Account Data/StreamingHistory_music_0.json": [ACCOUNT],
            "Spotify Account Data/StreamingHistory_podcast_0.json": [ACCOUNT],
            "Spotify Account Data/StreamingHistory_audiobook_0.json": [],
            "Spotify Account Data/Playlist1.json": {"playlists": []},
            "Spotify Account Data/Userdata.json": b"not even JSON",
            "Spotify Account Data/ReadMeFirst.pdf": b"%PDF",
            "__MACOSX/._StreamingHistory_music_0.json": b"\x00\x05",
            "../../etc/Streaming_History_Video_2020.json": [EXTENDED],
        },
    )
    assert [(export.recognised.part, outcome(rows)) for export, rows in read(path)] == [
        ("music", ["track"]),
        ("podcast", ["episode"]),
        ("audiobook", []),
        ("video", ["None"]),
    ]


def test_members_with_equal_names_are_all_read(tmp_path: Path) -> None:
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        for ms in (1, 2):
            archive.writestr("endsong_0.json", json.dumps([EXTENDED | {"ms_played": ms}]))
    assert [row.ms_played for _, rows in read(path) for row in rows] == [1, 2]


def test_damaged_history_in_a_zip_is_not_skipped(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "data.zip", {"endsong_0.json": [EXTENDED], "endsong_1.json": b'[{"ts": "20'})
    with pytest.raises(NotAnExport, match=r"data.zip/endsong_1.json is cut off"):
        read(path)


def test_truncated_zip_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "data.zip", {"endsong_0.json": [EXTENDED] * 1000})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(NotAnExport, match="damaged zip"):
        read(path)


def test_zip_with_changed_content_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "data.zip", {"endsong_0.json": [EXTENDED] * 1000})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(NotAnExport, match="cannot be read"):
        read(path)


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "bomb.zip", {"endsong_0.json": b"[" + b" " * (32 * 2**20) + b"]"})
    with pytest.raises(NotAnExport, match="compressed more than 200 to 1"):
        read(path)


def test_zip_with_too_many_or_too_large_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "data.zip", {f"endsong_{n}.json": [EXTENDED] for n in range(5)})
    monkeypatch.setattr(sources, "MOST_MEMBERS", 4)
    with pytest.raises(NotAnExport, match="more than 4 files"):
        read(path)
    monkeypatch.undo()
    monkeypatch.setattr(sources, "LARGEST_FILE", 100)
    with pytest.raises(NotAnExport, match="unpacks to more than"):
        read(path)


def test_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "data.zip", {"endsong_0.json": [EXTENDED]})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1  # the flag for encryption
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].flag_bits & 1
    with pytest.raises(NotAnExport, match="encrypted"):
        read(path)
