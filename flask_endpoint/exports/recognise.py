"""Which export a file is. Content decides; the name only hints at what the content cannot say."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

Origin = Literal["extended", "account"]

HEAD_SIZE = 65_536  # bytes looked at before a file is read whole
KEYS: dict[Origin, tuple[str, str]] = {"extended": ("ts", "ms_played"), "account": ("endTime", "msPlayed")}
EXTENDED_NAME = re.compile(
    r"(?:endsong|streaming_history_(?P<part>audio|video))(?:_[\d-]+?)??(?:_(?P<number>\d{1,3}))?\.json", re.I
)
ACCOUNT_NAME = re.compile(r"streaminghistory_?(?P<part>music|podcast|audiobook)?_?(?P<number>\d{1,3})?\.json", re.I)
COPY = re.compile(r" ?\(\d{1,3}\)(?=\.json$)", re.I)  # what a browser adds to a name that is there already
KIND_OF_PART = {"podcast": "episode", "audiobook": "chapter"}


@dataclass(frozen=True)
class Recognised:
    """One export file: `number` counts the files of its `part`; `kind` is what its account rows are, where the name says so."""

    origin: Origin
    part: str
    number: int | None
    kind: str | None

    @property
    def is_video(self) -> bool:
        return self.part == "video"


def by_name(name: str) -> Recognised | None:
    """Recognise a file by the names that Spotify gives."""
    base = COPY.sub("", PurePosixPath(name).name)
    patterns: tuple[tuple[Origin, re.Pattern[str], str], ...] = (
        ("extended", EXTENDED_NAME, "audio"),
        ("account", ACCOUNT_NAME, "music"),
    )
    for origin, pattern, default in patterns:
        if match := pattern.fullmatch(base):
            part = (match["part"] or default).lower()
            return Recognised(origin, part, int(match["number"]) if match["number"] else None, KIND_OF_PART.get(part))
    return None


def may_be_export(name: str, head: bytes) -> bool:
    """Return cheaply whether a file is worth reading whole."""
    return by_name(name) is not None or any(all(f'"{key}"'.encode() in head for key in keys) for keys in KEYS.values())


def by_content(name: str, rows: Iterable[object]) -> Recognised | None:
    """Recognise a file by its first rows; a file without a telling row is what its name says."""
    named = by_name(name)
    for row in rows:
        for origin, keys in KEYS.items():
            if isinstance(row, Mapping) and any(key in row for key in keys):
                if named and named.origin == origin:
                    return named
                return Recognised(origin, "unknown", None, None)
    return named


def is_complete(files: Iterable[Recognised]) -> bool:
    """Return whether the numbered files of one origin are there from the first on. (How many there were nobody can tell.)"""
    numbers = {file.number for file in files if file.part in ("audio", "music")}
    return bool(numbers) and None not in numbers and numbers == set(range(len(numbers)))


def exports_among(files: Sequence[tuple[str, Recognised]]) -> list[list[int]]:
    """Which files, given with their folders, came in one export: those of one folder and origin; a second one of a number is of another.

    Returns their places.
    """
    seen: Counter[tuple[object, ...]] = Counter()
    exports: dict[tuple[object, ...], list[int]] = {}
    for place, (folder, file) in enumerate(files):
        numbered = (folder, file.origin, file.part, file.number)
        exports.setdefault((folder, file.origin, seen[numbered]), []).append(place)
        seen[numbered] += 1
    return list(exports.values())
