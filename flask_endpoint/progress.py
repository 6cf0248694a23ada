"""Report the progress of long work in rows and bytes, to the command line and to the jobs page."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

BYTES_PER_ROW = 700  # typical of an extended export; used until the first file has been read


@dataclass(frozen=True)
class Progress:
    """The progress of a job. `stage` is "reading" or the name of a later stage.

    The other fields are for reading. `file` is the current file; `rows` and `bytes_read` include the files before it.
    """

    stage: str
    file: str = ""
    rows: int = 0
    bytes_read: int = 0
    bytes_total: int = 0


ReportProgress = Callable[[Progress], None]


class ReadingProgress:
    """Estimates the bytes read from the rows read, for files that are read one after the other.

    Finished files count with their size. Within the current file, bytes are estimated from the average row of the finished ones.
    """

    def __init__(self, sizes: Iterable[tuple[str, int]]) -> None:
        self._total = 0
        self._sizes: dict[str, tuple[int, int]] = {}  # file: (bytes of the files before it, its own bytes)
        for file, size in sizes:
            self._sizes[file] = (self._total, size)
            self._total += size
        self._file, self._rows_before, self._rows = "", 0, 0

    def after(self, rows: int, file: str) -> Progress:
        """Return the progress after so many rows of all files, the last of them from `file`."""
        if file != self._file:
            self._file, self._rows_before = file, self._rows
        self._rows = rows
        before, size = self._sizes.get(file, (0, 0))
        bytes_per_row = before / self._rows_before if self._rows_before else BYTES_PER_ROW
        bytes_of_file = min(size, int((rows - self._rows_before) * bytes_per_row))
        return Progress("reading", file, rows, before + bytes_of_file, self._total)
