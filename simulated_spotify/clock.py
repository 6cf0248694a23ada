"""The simulated time, and instants in Spotify's format.

The time is one ISO 8601 instant in a file, written on first use. It changes only if someone edits the file.
"""

import os
from datetime import UTC, datetime
from pathlib import Path


class ClockError(Exception):
    """The clock file cannot be read or created."""


def read_clock(path: Path) -> datetime:
    """Return the instant in the file. If the file does not exist, write the current time to it first."""
    if not path.exists():
        _write_once(path, datetime.now(UTC).replace(microsecond=0))
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        now = datetime.fromisoformat(text)
    except ValueError:
        now = None
    if now is None or now.tzinfo is None:
        raise ClockError(
            f"The clock file {path} contains {text[:40]!r}. Write one instant to it, such as 2026-11-25T09:00:00Z."
        )
    return now.astimezone(UTC)


def instant(milliseconds: int) -> str:
    """Format milliseconds since 1970 as Spotify does: '2022-11-17T05:57:29.352Z'."""
    whole = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03}Z"


def _write_once(path: Path, now: datetime) -> None:
    """Create the file atomically. The first writer wins, because the server and the exports may start together."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(now.isoformat().replace("+00:00", "Z") + "\n", encoding="ascii")
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise ClockError(
            f"Cannot write the clock file {path} ({error.strerror}). Set SPOTIFY_CLOCK_FILE to another path."
        ) from error
    finally:
        draft.unlink(missing_ok=True)
