"""The simulated now: one ISO instant in a file, written on first use and never moved by itself."""

import os
from datetime import UTC, datetime
from pathlib import Path


class ClockError(Exception):
    """The clock file cannot be read or made."""


def read_clock(path: Path) -> datetime:
    """The instant in the file; on first use the real now, to the second, is written into it."""
    if not path.exists():
        _write_once(path, datetime.now(UTC).replace(microsecond=0))
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        now = datetime.fromisoformat(text)
    except ValueError:
        now = None
    if now is None or now.tzinfo is None:
        raise ClockError(f"{path} holds {text[:40]!r}: write one instant there, such as 2026-11-25T09:00:00Z.")
    return now.astimezone(UTC)


def _write_once(path: Path, now: datetime) -> None:
    """Whole or not at all, and the first writer wins: server and exports may start together."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(now.isoformat().replace("+00:00", "Z") + "\n", encoding="ascii")
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise ClockError(f"The clock file {path} cannot be written ({error.strerror}): name another.") from error
    finally:
        draft.unlink(missing_ok=True)
