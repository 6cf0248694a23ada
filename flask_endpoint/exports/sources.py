"""Where export files are: on disk or in a zip. Nothing is extracted; sizes are limited before and while reading."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zlib import error as ZlibError

from flask_endpoint.errors import NotAnExport

LARGEST_FILE = 8 * 2**30  # bytes, decompressed
LARGEST_RATIO = 200  # decompressed to compressed; Spotify's JSON reaches 40
RATIO_APPLIES_FROM = 16 * 2**20  # bytes: small files may compress as they like
MOST_MEMBERS = 10_000


@dataclass(frozen=True)
class Source:
    """One JSON file; `member` names it within a zip, and `place` is where it stands there: names may come twice."""

    path: Path
    size: int
    member: str | None = None
    place: int = 0

    @property
    def name(self) -> str:
        """The name shown and recorded: no folder of this machine, nothing unprintable."""
        name = f"{self.path.name}/{self.member}" if self.member else self.path.name
        return "".join(c if c.isprintable() else "?" for c in name)

    @property
    def folder(self) -> str:
        """Where its companions lie: a folder of a zip; all files that were given one by one lie together."""
        return f"{self.path}/{PurePosixPath(self.member).parent}" if self.member else ""

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open for reading; what is wrong with the file while it is read becomes NotAnExport."""
        try:
            if self.member is None:
                with self.path.open("rb") as file:
                    yield file
            else:
                with zipfile.ZipFile(self.path) as archive, archive.open(archive.infolist()[self.place]) as file:
                    yield file  # type: ignore[misc]
        except (zipfile.BadZipFile, ZlibError, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise NotAnExport(f"{self.name} cannot be read: {error}. Ask Spotify for the file again.") from error


def find_sources(paths: list[Path]) -> list[Source]:
    """List the JSON files in `paths`, members of zips included, in the order given."""
    if not paths:
        raise NotAnExport("No file was given. Give the zip that Spotify sent, or the JSON files in it.")
    return [source for path in paths for source in _sources_at(path)]


def _sources_at(path: Path) -> list[Source]:
    if not path.exists():
        raise NotAnExport(f"{path.name} does not exist. Check the path.")
    if not path.is_file():
        raise NotAnExport(f"{path.name} is not a file. Give the zip that Spotify sent, or the JSON files in it.")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            is_zip = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError as error:
        raise NotAnExport(f"{path.name} cannot be read: {error.strerror}.") from error
    if size == 0:
        raise NotAnExport(f"{path.name} is empty. Download or copy it again.")
    if is_zip:
        return _members(path)
    if path.suffix.lower() == ".zip":
        raise NotAnExport(f"{path.name} is not a zip file, whatever its name says. Download it again.")
    if size > LARGEST_FILE:
        raise NotAnExport(
            f"{path.name} is larger than {LARGEST_FILE // 2**30} GiB. Spotify's files have some 12 MB: split it."
        )
    return [Source(path, size)]


def _members(path: Path) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise NotAnExport(f"{path.name} is a damaged zip file ({error}). Download it again.") from error
    if len(infos) > MOST_MEMBERS:
        raise NotAnExport(f"{path.name} holds more than {MOST_MEMBERS:,} files: that is no export of Spotify's.")
    files = [(place, info) for place, info in enumerate(infos) if _is_json(info)]
    for _, info in files:
        _refuse_bomb(path, info)
    if sum(info.file_size for _, info in files) > LARGEST_FILE:
        raise NotAnExport(
            f"{path.name} unpacks to more than {LARGEST_FILE // 2**30} GiB: that is no export of Spotify's."
        )
    return [Source(path, info.file_size, info.filename, place) for place, info in files]


def _is_json(info: zipfile.ZipInfo) -> bool:
    parts = info.filename.split("/")
    is_apple_shadow = "__MACOSX" in parts or parts[-1].startswith("._")
    return not info.is_dir() and not is_apple_shadow and parts[-1].lower().endswith(".json")


def _refuse_bomb(path: Path, info: zipfile.ZipInfo) -> None:
    # zipfile never returns more than file_size bytes, so what the zip claims is a limit on what is read.
    if info.file_size > RATIO_APPLIES_FROM and info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
        raise NotAnExport(
            f"{path.name} holds a file packed more than {LARGEST_RATIO} to 1: that is no export of Spotify's."
        )
