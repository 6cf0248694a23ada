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
EXTENDED_NAME = re.compile(
    r"(?:endsong|streaming_history_(?P<part>audio|video))(?:_[\d-]+?)??(?:_(?P<number>\d{1,3}))?\.json", re.I
)
ACCOUNT_NAME = re.compile(r"streaminghistory_?(?P<part>music|podcast|audiobook)?_?(?P<number>\d{1,3})?\.json", re.I)
COPY_SUFFIX = re.compile(r" ?\(\d{1,3}\)(?=\.json$)", re.I)  # Browsers add it when a file of that name exists.
KIND_OF_PART = {"podcast": "episode", "audiobook": "chapter"}


@dataclass(frozen=True)
class RecognisedFile:
    """The place of a file in its export.

    `part` is audio, video, music, podcast, audiobook or unknown. `number` counts the files of a part, None when the name
    has none. `kind` is the kind of all plays in an account file, None when the file name does not say.
    """

    origin: Origin
    part: str
    number: int | None
    kind: str | None

    @property
    def is_video(self) -> bool:
        return self.part == "video"


def recognise_by_name(name: str) -> RecognisedFile | None:
    """Recognise a file by the names that Spotify gives to its files."""
    base = COPY_SUFFIX.sub("", PurePosixPath(name).name)
    patterns: tuple[tuple[Origin, re.Pattern[str], str], ...] = (
        ("extended", EXTENDED_NAME, "audio"),
        ("account", ACCOUNT_NAME, "music"),
    )
    for origin, pattern, default in patterns:
        if match := pattern.fullmatch(base):
            part = (match["part"] or default).lower()
            number = int(match["number"]) if match["number"] else None
            return RecognisedFile(origin, part, number, KIND_OF_PART.get(part))
    return None


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


def is_complete(files: Iterable[RecognisedFile]) -> bool:
    """Return whether the numbers of an export's music files run from 0 without a gap. Missing last files stay unnoticed."""
    numbers = {file.number for file in files if file.part in ("audio", "music")}
    return bool(numbers) and None not in numbers and numbers == set(range(len(numbers)))


def group_by_export(files: Sequence[tuple[str, RecognisedFile]]) -> list[list[int]]:
    """Group files, given with their folders, by export; return the positions of the files of each export.

    Files of one folder and origin form one export. If a part and number occurs again there, the file belongs to another
    export.
    """
    seen: Counter[tuple[object, ...]] = Counter()
    exports: dict[tuple[object, ...], list[int]] = {}
    for position, (folder, file) in enumerate(files):
        numbered = (folder, file.origin, file.part, file.number)
        exports.setdefault((folder, file.origin, seen[numbered]), []).append(position)
        seen[numbered] += 1
    return list(exports.values())
