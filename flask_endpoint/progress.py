"""How far long work is, in rows and bytes: for the command line's bar and for the page that a person waits at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

BYTES_A_ROW = 700  # about, of an extended export: the guess until a file has been read


@dataclass(frozen=True)
class Progress:
    """`stage` is reading, then what follows it. While reading, `file` is being read; `rows` and `bytes_read` were so far."""

    stage: str
    file: str = ""
    rows: int = 0
    bytes_read: int = 0
    bytes_total: int = 0


ReportProgress = Callable[[Progress], None]


class Reading:
    """Files that are read one after the other, whose reader tells rows: the bytes are those of the files before, and a guess
    from their rows for the one that is being read."""

    def __init__(self, sizes: Iterable[tuple[str, int]]) -> None:
        self._total = 0
        self._sizes: dict[str, tuple[int, int]] = {}  # of a file: the bytes before it and its own
        for file, size in sizes:
            self._sizes[file] = (self._total, size)
            self._total += size
        self._file, self._rows_before, self._rows = "", 0, 0

    def at(self, file: str, rows: int) -> Progress:
        """How far it is when `rows` were read in all, the last of them of `file`."""
        if file != self._file:
            self._file, self._rows_before = file, self._rows
        self._rows = rows
        before, size = self._sizes.get(file, (0, 0))
        bytes_a_row = before / self._rows_before if self._rows_before else BYTES_A_ROW
        of_this = min(size, int((rows - self._rows_before) * bytes_a_row))
        return Progress("reading", file, rows, before + of_this, self._total)
