"""Save uploaded files for the worker, each upload in a folder of its own, under names that cannot leave that folder."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from werkzeug.datastructures import FileStorage

from flask_endpoint.errors import BadInput
from flask_endpoint.settings import Settings

FOLDER_PREFIX = "upload-"
MAX_NAME_BYTES = 200
PART_SIZE = 2**20  # bytes
MAX_FILES = 200  # Spotify's largest exports have some dozens.


def save(settings: Settings, files: Sequence[FileStorage]) -> list[Path]:
    """Save the files in a new folder and return their paths. Files without a name are skipped.

    Raises BadInput if there are no files, or more than MAX_FILES.
    """
    named = [file for file in files if file.filename]
    if not named:
        raise BadInput("No file was sent. Choose the .zip from Spotify or the .json files in it.")
    if len(named) > MAX_FILES:
        raise BadInput(f"{len(named)} files were sent; the limit is {MAX_FILES}. Send the .zip from Spotify instead.")
    settings.upload_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=settings.upload_dir.resolve()))
    try:
        return [_write(folder, number, file) for number, file in enumerate(named)]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def is_dry_run(form: Mapping[str, str]) -> bool:
    """Return whether the form asks for a dry run."""
    return form.get("dry_run", "") not in ("", "0", "false")


def discard(files: Iterable[Path]) -> None:
    """Delete the upload folders of these files."""
    for folder in set(map(_upload_folder, files)):
        if folder.name.startswith(FOLDER_PREFIX):
            shutil.rmtree(folder, ignore_errors=True)


def discard_older(settings: Settings, moment: datetime) -> None:
    """Delete upload folders from before `moment`. A lost job leaves its folder behind."""
    if not settings.upload_dir.exists():
        return
    for folder in settings.upload_dir.iterdir():
        if folder.name.startswith(FOLDER_PREFIX) and folder.stat().st_mtime < moment.timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, number: int, file: FileStorage) -> Path:
    """Write a file into a subfolder of its own and return its path.

    The file keeps its name, which says what part of an export it is, and two files may have the same name.
    """
    path = folder / str(number) / _safe_name(file.filename or "")
    path.parent.mkdir(mode=0o700)
    with path.open("xb") as target:
        while part := file.stream.read(PART_SIZE):
            target.write(part)
            time.sleep(0)  # Let this process serve other requests: file I/O does not yield to other greenlets.
        os.fchmod(target.fileno(), 0o600)
    return path


def _safe_name(name: str) -> str:
    """Return the last part of a path as a valid, visible file name of at most MAX_NAME_BYTES."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c if c.isprintable() else "_" for c in last).strip()
    return printable.encode()[-MAX_NAME_BYTES:].decode(errors="ignore").lstrip(".") or "file"


def _upload_folder(file: Path) -> Path:
    """Return the folder of the upload: the file's folder or, for a file that `_write` saved, the folder above it."""
    return file.parent if file.parent.name.startswith(FOLDER_PREFIX) else file.parent.parent
