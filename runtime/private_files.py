"""Keep what the runtimes write readable by the user that runs them only: data, logs, samples and files with passwords."""

import os
from pathlib import Path

UMASK = 0o077


def keep_new_files_private() -> None:
    """Make every file that this process and its children write readable by its owner only."""
    os.umask(UMASK)


def private_folder(folder: Path) -> Path:
    """Make a folder that only its owner can enter. Also closes a folder that an earlier version left open."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(folder.stat().st_mode & ~UMASK)
    return folder
