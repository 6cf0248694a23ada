"""Zips that people made themselves: folders with backslashes, and zips in zips."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from flask_endpoint.errors import NotAnExport
from flask_endpoint.exports import sources
from flask_endpoint.exports.sources import find_sources
from tests.flask_endpoint.exports.files import EXTENDED, read, write_zip


def zipped(members: dict[str, Any]) -> bytes:
    """Return the bytes of a zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content if isinstance(content, bytes) else json.dumps(content))
    return buffer.getvalue()


def test_backslash_separates_folders(tmp_path: Path) -> None:
    names = ["MyData\\Streaming_History_Audio_2024_0.json", "MyData\\Streaming_History_Video_2024.json"]
    path = write_zip(tmp_path / "my.zip", {name: [EXTENDED] for name in names})
    audio, video = find_sources([path])
    assert (audio.name, audio.folder == video.folder) == ("my.zip/MyData/Streaming_History_Audio_2024_0.json", True)
    assert [(file.recognised.part, file.recognised.number) for file, _ in read(path)] == [("audio", 0), ("video", None)]


def test_macos_metadata_with_backslashes_is_skipped(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "my.zip", {"__MACOSX\\endsong_0.json": b"x", "a\\._endsong_0.json": b"x"})
    assert find_sources([path]) == []


def test_zip_in_a_zip_is_read(tmp_path: Path) -> None:
    inner = {"MyData/endsong_0.json": [EXTENDED], "read me.pdf": b"x"}
    members = {"one.zip": zipped(inner), "loose/endsong_1.json": [EXTENDED] * 2, "two.ZIP": zipped(inner)}
    path = write_zip(tmp_path / "all.zip", members)
    assert [(source.name, len(rows)) for source, (_, rows) in zip(find_sources([path]), read(path), strict=True)] == [
        ("all.zip/loose/endsong_1.json", 2),
        ("all.zip/one.zip/MyData/endsong_0.json", 1),
        ("all.zip/two.ZIP/MyData/endsong_0.json", 1),
    ]
    assert len({source.folder for source in find_sources([path])}) == 3


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        (
            zipped({"deeper.zip": zipped({"endsong_0.json": [EXTENDED]})}),
            "contains another zip file, deeper.zip. Unpack",
        ),
        (b"PK no zip", "is a damaged zip file"),
        (zipped({"endsong_0.json": b" " * 40_000_000}), "compressed more than 200 to 1"),
    ],
)
def test_unreadable_zip_in_a_zip_is_refused(tmp_path: Path, inner: bytes, message: str) -> None:
    path = write_zip(tmp_path / "all.zip", {"one.zip": inner, "endsong_0.json": [EXTENDED]})
    with pytest.raises(NotAnExport, match=message):
        find_sources([path])


def test_large_inner_zip_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({f"endsong_{number}.json": [EXTENDED] for number in range(3)})
    path = write_zip(tmp_path / "all.zip", {"one.zip": inner})
    assert len(find_sources([path])) == 3
    monkeypatch.setattr(sources, "LARGEST_INNER_ZIP", len(inner) - 1)
    with pytest.raises(NotAnExport, match=r"all\.zip/one\.zip is larger than"):
        find_sources([path])


def test_size_of_other_files_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "my.zip", {"endsong_0.json": [EXTENDED], "clip.mp4": bytes(1000)})
    monkeypatch.setattr(sources, "LARGEST_FILE", 500)
    assert [source.name for source in find_sources([path])] == ["my.zip/endsong_0.json"]
