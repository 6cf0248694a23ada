"""Find export files on disk and in zips. Zips are not extracted to disk, and sizes are limited before a file is read."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO
from zlib import error as ZlibError

from common.texts import LONGEST_TEXT
from flask_endpoint.errors import NotAnExport

LARGEST_FILE = 8 * 2**30  # bytes, decompressed
LARGEST_RATIO = 200  # decompressed to compressed bytes; Spotify's JSON reaches 40
RATIO_APPLIES_FROM = 2 * 2**20  # bytes, decompressed: smaller files do no harm at any ratio
MOST_FILES = 2_000  # JSON files of one import; Spotify's largest exports have some hundreds
MOST_MEMBERS = 10_000  # of any kind in one zip
LARGEST_DIRECTORY = 4 * 2**20  # bytes: zipfile reads the whole list of members into memory
LARGEST_INNER_ZIP = 128 * 2**20  # bytes: a zip in a zip is read into memory
Member = tuple[tuple[int, ...], str, int]  # positions, name and size
NOT_FROM_SPOTIFY = "so it is not an export from Spotify. Give the zip that Spotify sent."


@dataclass(frozen=True)
class Source:
    """One JSON file, on disk or a member of a zip.

    `size` is in bytes, decompressed. `positions` are the member's index in the zip, because names can occur twice there, or
    the index of an inner zip and the member's index in that.
    """

    path: Path
    size: int
    member: str | None = None
    positions: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Return the name to show and record: without folders on disk and with `?` for unprintable characters.

        If the name is too long, keep its end, which identifies the file.
        """
        name = f"{self.path.name}/{self.member}" if self.member else self.path.name
        return "".join(c if c.isprintable() else "?" for c in name[-LONGEST_TEXT:])

    @property
    def folder(self) -> str:
        """Return an id for the folder: one for each folder of a zip, and one for all files on disk."""
        return f"{self.path}/{PurePosixPath(self.member).parent}" if self.member else ""

    @contextmanager
    def open(self, archives: "Archives") -> Iterator[BinaryIO]:
        """Open the file for reading, with zips in `archives`. Raises NotAnExport, also when reading in the block fails."""
        try:
            with self.path.open("rb") if self.member is None else archives.member(self.path, self.positions) as file:
                yield file
        except (zipfile.BadZipFile, ZlibError, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise NotAnExport(
                f"{self.name} cannot be read: {error}. Download it again, or ask Spotify for a new export."
            ) from error


class Archives:
    """Opens members of zips. The zip of the last member stays open for the next one: opening it reads its whole directory."""

    def __init__(self) -> None:
        self._place: tuple[object, ...] = ()
        self._open = ExitStack()
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> "Archives":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @contextmanager
    def member(self, path: Path, positions: tuple[int, ...]) -> Iterator[BinaryIO]:
        """Open a member of a zip, or of a zip in it, without writing to disk."""
        archive = self._archive_at(path, positions[:-1])
        with archive.open(archive.infolist()[positions[-1]]) as file:
            yield file  # type: ignore[misc]

    def _archive_at(self, path: Path, outer_positions: tuple[int, ...]) -> zipfile.ZipFile:
        if self._archive is None or self._place != (path, outer_positions):
            self._open.close()
            self._archive = None
            file: Any = path
            for position in outer_positions:
                with zipfile.ZipFile(file) as outer:
                    file = io.BytesIO(outer.read(outer.infolist()[position]))
            self._archive = self._open.enter_context(zipfile.ZipFile(file))
            self._place = (path, outer_positions)
        return self._archive


def find_sources(paths: list[Path]) -> list[Source]:
    """Return the JSON files at the paths, including those in zips, in the given order. Raises NotAnExport."""
    if not paths:
        raise NotAnExport("No file was given. Give the zip that Spotify sent, or the JSON files in it.")
    found: list[Source] = []
    for path in paths:
        found += _sources_at(path)
        if len(found) > MOST_FILES:
            raise NotAnExport(
                f"More than {MOST_FILES:,} JSON files were given, the last in {path.name}. "
                "Give the zip that Spotify sent, or import fewer files at a time."
            )
    return found


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
        raise NotAnExport(
            f"{path.name} cannot be read: {error.strerror}. Check the permissions of the file."
        ) from error
    if size == 0:
        raise NotAnExport(f"{path.name} is empty. Download or copy it again.")
    if is_zip:
        return _members(path)
    if path.suffix.lower() == ".zip":
        raise NotAnExport(f"{path.name} is not a zip file, although its name ends in .zip. Download it again.")
    if size > LARGEST_FILE:
        raise NotAnExport(
            f"{path.name} is larger than {LARGEST_FILE // 2**30} GiB. Spotify's files have about 12 MB. Split it."
        )
    return [Source(path, size)]


def _members(path: Path) -> list[Source]:
    """Return the JSON files in a zip and in the zips in it. Raises NotAnExport."""
    try:
        with path.open("rb") as file, _opened(path, file) as archive:
            infos = _checked_infos(path, archive)
            found = _json_members("", (), infos)
            for position, info in enumerate(infos):
                if _is_zip(info):
                    found += _inner_members(path, archive, position, info)
    except (zipfile.BadZipFile, OSError, ValueError, ZlibError, EOFError, RuntimeError, NotImplementedError) as error:
        raise NotAnExport(f"{path.name} is a damaged zip file ({error}). Download it again.") from error
    total = sum(size for _, _, size in found)
    if total > LARGEST_FILE:
        raise NotAnExport(f"{path.name} unpacks to more than {LARGEST_FILE // 2**30} GiB, {NOT_FROM_SPOTIFY}")
    if is_bomb(total, path.stat().st_size):
        raise NotAnExport(f"{path.name} unpacks to more than {LARGEST_RATIO} times its size, {NOT_FROM_SPOTIFY}")
    return [Source(path, size, name, positions) for positions, name, size in found]


def _inner_members(path: Path, archive: zipfile.ZipFile, position: int, outer: zipfile.ZipInfo) -> list[Member]:
    """Return the JSON files in a zip in a zip. Raises NotAnExport for a large one, and for a third level."""
    folder = _member_name(outer)
    advice = f"Unpack {path.name} and import the zip files in it."
    if outer.file_size > LARGEST_INNER_ZIP:
        raise NotAnExport(f"{path.name}/{folder} is larger than {LARGEST_INNER_ZIP // 2**20} MiB. {advice}")
    with _opened(path, io.BytesIO(archive.read(outer))) as inner:
        infos = _checked_infos(path, inner)
    if deeper := next((info for info in infos if _is_zip(info)), None):
        raise NotAnExport(f"{path.name}/{folder} contains another zip file, {_member_name(deeper)}. {advice}")
    return _json_members(f"{folder}/", (position,), infos)


def _json_members(folder: str, positions: tuple[int, ...], infos: list[zipfile.ZipInfo]) -> list[Member]:
    return [
        ((*positions, position), folder + _member_name(info), info.file_size)
        for position, info in enumerate(infos)
        if _is_json(_member_name(info))
    ]


def _opened(path: Path, file: BinaryIO) -> zipfile.ZipFile:
    """Open a zip. Raises NotAnExport if its directory is large, before it is read into memory."""
    end_record = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # There is no public way to read it.
    if end_record and end_record[zipfile._ECD_SIZE] > LARGEST_DIRECTORY:  # type: ignore[attr-defined]
        raise _too_many_members(path)
    return zipfile.ZipFile(file)


def _too_many_members(path: Path) -> NotAnExport:
    return NotAnExport(f"{path.name} contains more than {MOST_MEMBERS:,} files, {NOT_FROM_SPOTIFY}")


def _checked_infos(path: Path, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > MOST_MEMBERS:
        raise _too_many_members(path)
    for info in infos:
        if _is_json(_member_name(info)) or _is_zip(info):
            _refuse_zip_bomb(path, info)
    return infos


def _member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name with `/` between folders. Some programs for Windows write backslashes."""
    return info.filename.replace("\\", "/")


def _is_json(name: str) -> bool:
    return name.lower().endswith(".json") and not _is_macos_metadata(name)


def _is_zip(info: zipfile.ZipInfo) -> bool:
    name = _member_name(info)
    return name.lower().endswith(".zip") and not _is_macos_metadata(name)


def _is_macos_metadata(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._")


def _refuse_zip_bomb(path: Path, info: zipfile.ZipInfo) -> None:
    # zipfile never returns more than file_size bytes, so the size that the zip states limits what is read.
    if is_bomb(info.file_size, info.compress_size):
        raise NotAnExport(f"{path.name} contains a file compressed more than {LARGEST_RATIO} to 1, {NOT_FROM_SPOTIFY}")


def is_bomb(size: int, compressed_size: int) -> bool:
    """Return whether a file is far larger than its compressed form, and not small."""
    return size > RATIO_APPLIES_FROM and size > LARGEST_RATIO * max(compressed_size, 1)
