"""What a component's command found: JSON on the last line that it printed."""

import json
import subprocess
from collections.abc import Sequence
from typing import IO, Any

from runtime.errors import StageError

TAIL = 15  # lines
TIMEOUT = 3600  # seconds: an import of ten years, or a verification that waits for CDC


def last_json_line(
    command: Sequence[str],
    shown: Sequence[str],
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    **options: Any,
) -> Any:
    """Run a command and read the last line of its output. Raises StageError with the last lines it said when it fails.

    `shown` is the command as messages name it.
    """
    name = " ".join(shown[:3])
    try:
        done = subprocess.run(command, stdin=stdin, capture_output=True, timeout=TIMEOUT, **options)
    except subprocess.TimeoutExpired as error:
        raise StageError(f"{name} has not ended after {TIMEOUT} s.") from error
    told, complained = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    lines = told.strip().splitlines()
    if done.returncode or not lines:
        tail = "\n".join((told + complained).strip().splitlines()[-TAIL:])
        raise StageError(f"{name} failed with exit code {done.returncode}.", tail)
    return json.loads(lines[-1])
