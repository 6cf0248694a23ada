"""The gate: Soda's checks on landed batches, run as the command that the DAGs run too."""

import json
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from flask_endpoint.errors import GateRefused, GateUnavailable
from flask_endpoint.settings import ImportSettings

PROJECT = Path(__file__).parents[2]  # where the command's relative paths start
PASSED, REFUSED = 0, 1  # exit codes; with any other the gate could not run
LAST_LINES = 15


@contextmanager
def started_gate(settings: ImportSettings, batch_ids: Sequence[int]) -> Iterator[Callable[[], None]]:
    """Have landed batches checked beside other work; calling what it gives waits for the verdict.

    The call raises GateRefused, with the gate's own words as detail, or GateUnavailable. Starting raises GateUnavailable.
    """
    command = [*shlex.split(settings.gate_command), "batch", *map(str, batch_ids)]
    process = _start(command)
    try:
        yield lambda: _judge(process, settings.gate_timeout)
    finally:
        process.kill()  # Only where nobody waited for it to its end.
        process.communicate()


def _start(command: Sequence[str]) -> subprocess.Popen[str]:
    try:
        return subprocess.Popen(
            command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
        )
    except FileNotFoundError:
        raise GateUnavailable(f"The gate could not be run: {command[0]} does not exist. Check GATE_COMMAND.") from None
    except OSError as error:
        raise GateUnavailable(f"The gate could not be run: {error.strerror}. Check GATE_COMMAND.") from error


def _judge(process: subprocess.Popen[str], timeout: float) -> None:
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise GateUnavailable(f"The gate did not answer within {timeout:.0f} s. Try again.") from None
    if process.returncode == PASSED:
        return
    said = "\n".join((output + errors).strip().splitlines()[-LAST_LINES:])
    if process.returncode == REFUSED and _names_refused_batches(output):
        said = "\n".join(output.strip().splitlines()[:-1][-LAST_LINES:])
        raise GateRefused("The gate refused the batch: a check failed. Nothing was taken over.", said)
    raise GateUnavailable(f"The gate could not be run: it ended with exit code {process.returncode}.", said)


def _names_refused_batches(output: str) -> bool:
    """Return whether the last line is the gate's verdict with refused batches.

    Exit code 1 alone is not a refusal: Python exits with 1 when the gate crashes, too.
    """
    try:
        return bool(json.loads(output.strip().splitlines()[-1])["refused"])
    except (IndexError, KeyError, TypeError, ValueError):
        return False
