"""Run the gate, Soda's checks on landed batches, with the command that the DAGs use too."""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from common.gate_verdict import read_gate_verdict
from flask_endpoint.errors import GateRefused, GateUnavailable
from flask_endpoint.settings import ImportSettings

PROJECT = Path(__file__).parents[2]  # where the command's relative paths start
LAST_LINES = 15


@contextmanager
def started_gate(settings: ImportSettings, batch_ids: Sequence[int]) -> Iterator[Callable[[], None]]:
    """Start the gate on landed batches, so that other work can go on. Yield a function that waits for the verdict.

    The function raises GateRefused, with the gate's output as detail, or GateUnavailable. Starting raises GateUnavailable.
    """
    command = [*shlex.split(settings.gate_command), "batch", *map(str, batch_ids)]
    process = _start(command)
    try:
        yield lambda: _judge(process, settings.gate_timeout)
    finally:
        process.kill()  # Has no effect on a gate that has finished.
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
    lines = output.strip().splitlines()
    verdict = read_gate_verdict(process.returncode, lines[-1] if lines else "")
    if verdict is None:
        end = "\n".join((output + errors).strip().splitlines()[-LAST_LINES:])
        raise GateUnavailable(
            f"The gate could not be run: it ended with exit code {process.returncode} and without a verdict.", end
        )
    if verdict["refused"]:
        raise GateRefused(
            "The gate refused the batch: a check failed. Nothing was imported.", "\n".join(lines[:-1][-LAST_LINES:])
        )
