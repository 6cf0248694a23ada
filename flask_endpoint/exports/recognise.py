"""Recognise export files. Content decides which export a file belongs to; its name adds what the content does not say."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Origin = Literal["extended", "account"]

HEAD_SIZE = 65_536  # bytes read to decide whether the rest of a file is read
KEYS: dict[Origin, tuple[str, str]] = {"extended": ("ts", "ms_played"), "account": ("endTime", "msPlayed")}
PREFIX = r"(?:.*[\W_])?"  # People put a name or a date before Spotify's own name.
EXTENDED_NAME = re.compile(
    PREFIX + r"(?:endsong|end(?P<end_part>video)|streaming_history_(?P<part>audio|video))"
    r"(?:_(?P<years>[\d-]+?))??(?:_(?P<number>\d{1,3}))?\.json",
    re.I,
)
ACCOUNT_NAME = re.compile(
    PREFIX + r"streaminghistory_?(?P<part>music|podcast|audiobook)?_?(?P<number>\d{1,3})?\.json", re.I
)
YEAR = re.compile(r"\d{4}")
COPY_SUFFIX = re.compile(r" ?\(\d{1,3}\)(?=\.json$)", re.I)  # Browsers add it when a file of that name exists.
KIND_OF_PART = {"podcast": "episode", "audiobook": "chapter"}


@dataclass(frozen=True)
class RecognisedFile:
    """The place of a file in its export.

    `part` is audio, video, music, podcast, audiobook or unknown. `number` counts the files of a part, None when the name
    has none. `kind` is the kind of all plays in an account file, None when the file name does not say. `year` is the year
    in the name of an extended file, None when it has none or several.
    """

    origin: Origin
    part: str
    number: int | None
    kind: str | None
    year: str | None = None

    @property
    def is_video(self) -> bool:
        return self.part == "video"


def recognise_by_name(name: str) -> RecognisedFile | None:
    """Recognise a file by the names that Spotify gives to its files."""
    base = COPY_SUFFIX.sub("", PurePosixPath(name).name)
    if match := EXTENDED_NAME.fullmatch(base):
        part = (match["part"] or match["end_part"] or "audio").lower()
        year = match["years"] if YEAR.fullmatch(match["years"] or "") else None
        return RecognisedFile("extended", part, _number(match), None, year)
    if match := ACCOUNT_NAME.fullmatch(base):
        part = (match["part"] or "music").lower()
        return RecognisedFile("account", part, _number(match), KIND_OF_PART.get(part))
    return None


def _number(match: re.Match[str]) -> int | None:
    return int(match["number"]) if match["number"] else None


def may_be_export(name: str, head: bytes) -> bool:
    """Return whether the file may be an export, judging by its name and its first bytes."""
    return recognise_by_name(name) is not None or any(
        all(f'"{key}"'.encode() in head for key in keys) for keys in KEYS.values()
    )


def recognise_by_content(name: str, rows: Iterable[object]) -> RecognisedFile | None:
    """Recognise a file by its first rows, or by its name if no row has the keys of an export."""
    named = recognise_by_name(name)
    for row in rows:
        for origin, keys in KEYS.items():
            if isinstance(row, Mapping) and any(key in row for key in keys):
                if named and named.origin == origin:
                    return named
                return RecognisedFile(origin, "unknown", None, None)
    return named


def is_complete(files: Sequence[RecognisedFile]) -> bool:
    """Return whether the numbers of an export's music files have no gap. Missing last files stay unnoticed.

    Files are numbered from 0. Since 2026 they are named by year: the first file of a year has no number, the next one has
    number 1. A year without a file is a year without plays.
    """
    by_year = _files_named_by_year(files)
    years: dict[str | None, set[int]] = {}
    for file in files:
        if file.part not in ("audio", "music"):
            continue
        if file in by_year:
            years.setdefault(file.year, set()).add(file.number or 0)
        elif file.number is None:
            return False
        else:
            years.setdefault(None, set()).add(file.number)
    return bool(years) and all(numbers == set(range(len(numbers))) for numbers in years.values())


def group_by_export(files: Sequence[tuple[str, RecognisedFile]]) -> list[list[int]]:
    """Group files, given with their folders, by export; return the positions of the files of each export.

    Files of one folder, origin and way of naming form one export. If a part, year and number occurs again there, the file
    belongs to another export. The year counts only if files are named by year: otherwise numbers continue from year to year.
    """
    folders: dict[str, list[RecognisedFile]] = {}
    for folder, file in files:
        folders.setdefault(folder, []).append(file)
    by_year = {folder: _files_named_by_year(members) for folder, members in folders.items()}
    seen: Counter[tuple[object, ...]] = Counter()
    exports: dict[tuple[object, ...], list[int]] = {}
    for position, (folder, file) in enumerate(files):
        is_by_year = file in by_year[folder]
        numbered = (folder, file.origin, is_by_year, file.part, file.year if is_by_year else None, file.number)
        exports.setdefault((folder, file.origin, is_by_year, seen[numbered]), []).append(position)
        seen[numbered] += 1
    return list(exports.values())


def _files_named_by_year(files: Sequence[RecognisedFile]) -> set[RecognisedFile]:
    """Return the files whose numbers start again each year.

    An audio file with a year is named by year if the first file of its year is among the files. All files with a year are,
    if no audio file has an older name and the files include some year's first file or no audio at all.
    """
    audio = [file for file in files if file.part == "audio"]
    first_files = {file.year for file in audio if file.year and file.number is None}
    has_older_names = any(file.number == 0 or not file.year for file in audio)
    may_all_be_by_year = not has_older_names and (bool(first_files) or not audio)
    return {
        file
        for file in files
        if file.year
        and file.number != 0
        and (may_all_be_by_year or (file.part == "audio" and file.year in first_files))
    }
