"""Read the result of a component's command: JSON on its last output line."""

import json
import subprocess
from collections.abc import Sequence
from typing import IO, Any

from runtime.errors import StageError
from runtime.output.log_lines import LOG_TAIL

TIMEOUT = 3600  # seconds: an import of ten years, or a verification that waits for CDC


def last_json_line(
    command: Sequence[str],
    shown: Sequence[str],
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    **options: Any,
) -> Any:
    """Run a command and decode the last line of its output. Raises StageError with its last lines if it fails.

    `shown` is the command as it appears in messages.
    """
    name = " ".join(shown[:3])
    try:
        done = subprocess.run(command, stdin=stdin, capture_output=True, timeout=TIMEOUT, **options)
    except subprocess.TimeoutExpired as error:
        raise StageError(f"{name} did not finish within {TIMEOUT} s.") from error
    output, errors = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    lines = output.strip().splitlines()
    if done.returncode or not lines:
        tail = "\n".join((output + errors).strip().splitlines()[-LOG_TAIL:])
        raise StageError(f"{name} failed with exit code {done.returncode}.", tail)
    return json.loads(lines[-1])
