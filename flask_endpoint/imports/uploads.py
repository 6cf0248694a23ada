"""Uploaded files on their way to the worker: a folder for each upload, names that a path cannot escape from."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from werkzeug.datastructures import FileStorage

from flask_endpoint.errors import BadInput
from flask_endpoint.settings import Settings

PREFIX = "upload-"
LONGEST_NAME = 200  # bytes
MOST_FILES = 200  # Spotify's largest exports have some dozens.


def keep(settings: Settings, files: Sequence[FileStorage]) -> list[Path]:
    """Write the files where the worker finds them; raise BadInput when there is none, or one without a name."""
    named = [file for file in files if file.filename]
    if not named:
        raise BadInput("No file was sent: choose the .zip from Spotify or the .json files in it.")
    if len(named) > MOST_FILES:
        raise BadInput(f"{len(named)} files are too many at once: send at most {MOST_FILES}, or the .zip as it is.")
    settings.upload_dir.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=settings.upload_dir.resolve()))
    try:
        return [_write(folder, number, file) for number, file in enumerate(named)]
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def is_dry_run(form: Mapping[str, str]) -> bool:
    """Whether the form that the files came with only asks what would happen."""
    return form.get("dry_run", "") not in ("", "0", "false")


def discard(files: Iterable[Path]) -> None:
    """Delete the folders of these uploads."""
    for folder in set(map(_upload_of, files)):
        if folder.name.startswith(PREFIX):
            shutil.rmtree(folder, ignore_errors=True)


def discard_older(settings: Settings, moment: datetime) -> None:
    """Delete what a lost job left behind."""
    if not settings.upload_dir.exists():
        return
    for folder in settings.upload_dir.iterdir():
        if folder.name.startswith(PREFIX) and folder.stat().st_mtime < moment.timestamp():
            shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, number: int, file: FileStorage) -> Path:
    """Write a file into a folder of its own: its name says which of an export's files it is, and two may have the same."""
    path = folder / str(number) / _safe_name(file.filename or "")
    path.parent.mkdir(mode=0o700)
    with path.open("xb") as target:
        shutil.copyfileobj(file.stream, target, 1 << 20)
        os.fchmod(target.fileno(), 0o600)
    return path


def _safe_name(name: str) -> str:
    """The last part of a path, with nothing in it that leads elsewhere or that a file's name cannot hold."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(c if c.isprintable() else "_" for c in last).strip()
    return printable.encode()[-LONGEST_NAME:].decode(errors="ignore").lstrip(".") or "file"


def _upload_of(file: Path) -> Path:
    return file.parent if file.parent.name.startswith(PREFIX) else file.parent.parent
