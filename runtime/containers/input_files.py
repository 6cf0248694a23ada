"""Send a command's input files into a container, through its standard input."""

import os
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from runtime.errors import OperatorError

INBOX = "/var/lib/listening/files"  # In the container: a volume, because files can be larger than its memory.


@contextmanager
def packed(files: Sequence[Path]) -> Iterator[IO[bytes] | int]:
    """Yield the files as a tar stream that the container's user can read, or DEVNULL without files.

    The stream is a pipe, so its size in memory does not grow with the files. Raises OperatorError if a file is missing or unreadable.
    """
    for file in files:
        if not file.is_file() or not os.access(file, os.R_OK):
            raise OperatorError(f"{file} is not a readable file. Check FILES.")
    if not files:
        yield subprocess.DEVNULL
        return
    readable_end, writable_end = os.pipe()
    packing = threading.Thread(target=_pack, args=(files, writable_end), daemon=True)
    with os.fdopen(readable_end, "rb") as inbox:
        packing.start()
        yield inbox
    packing.join()


def unpacking(command: Sequence[str], files: Sequence[Path]) -> list[str]:
    """Return a command for the container that unpacks the files and passes their paths as the last arguments."""
    if not files:
        return list(command)
    unpack = f'tar -xf - -C {INBOX} && exec "$@"'
    return [
        "sh",
        "-c",
        unpack,
        "sh",
        *command,
        *(f"{INBOX}/{_entry(number, file)}" for number, file in enumerate(files)),
    ]


def _pack(files: Sequence[Path], writable_end: int) -> None:
    with (
        os.fdopen(writable_end, "wb") as out,
        suppress(BrokenPipeError),  # The command in the container ended before it read everything.
        tarfile.open(fileobj=out, mode="w|") as tar,
    ):
        for number, file in enumerate(files):
            tar.add(file.resolve(), _entry(number, file), filter=_readable_by_all)


def _entry(number: int, file: Path) -> str:
    """Return the file's path in the stream. Files of the same name are in different folders."""
    return f"{number}/{file.name}"


def _readable_by_all(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return the tar entry without its local owner and rights, which mean nothing in the container."""
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o644, 0, 0, "", ""
    return member
