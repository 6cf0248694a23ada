"""Send input files to a command in a container, as a tar stream through its standard input."""

import os
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from runtime.errors import OperatorError

INBOX = "/var/lib/listening/files"  # In the container.


def unpacking(command: Sequence[str], files: Sequence[Path]) -> list[str]:
    """Return the command with its files as arguments. In the container, it unpacks the stream of `packed` before it runs."""
    if not files:
        return list(command)
    unpack = f'mkdir {INBOX} && tar -xf - -C {INBOX} && exec "$@"'
    inside = [f"{INBOX}/{number}/{file.name}" for number, file in enumerate(files)]
    return ["sh", "-c", unpack, "sh", *command, *inside]


@contextmanager
def packed(files: Sequence[Path]) -> Iterator[IO[bytes] | int]:
    """Yield the files as a tar stream, readable by the container's user. A pipe bounds its memory.

    Raises OperatorError if a file is missing or not readable.
    """
    for file in files:
        if not file.is_file() or not os.access(file, os.R_OK):
            raise OperatorError(f"{file} is not a readable file. Check FILES.")
    if not files:
        yield subprocess.DEVNULL
        return
    readable_end, writable_end = os.pipe()

    def pack() -> None:
        with (
            os.fdopen(writable_end, "wb") as out,
            suppress(BrokenPipeError),
            tarfile.open(fileobj=out, mode="w|") as tar,
        ):
            for number, file in enumerate(files):
                tar.add(file.resolve(), f"{number}/{file.name}", filter=_plain)

    packing = threading.Thread(target=pack, daemon=True)
    with os.fdopen(readable_end, "rb") as inbox:
        packing.start()
        yield inbox
    packing.join()


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Return the tar entry readable by everyone and without the local owner."""
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o644, 0, 0, "", ""
    return member
