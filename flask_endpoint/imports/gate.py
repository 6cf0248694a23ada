"""Run the gate, Soda's checks on landed batches, with the same command as the DAGs."""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from common.gate_verdict import read_gate_verdict
from flask_endpoint.errors import GateRefused, GateUnavailable
from flask_endpoint.settings import ImportSettings

PROJECT = Path(__file__).parents[2]  # The command's relative paths start here.
MAX_DETAIL_LINES = 15
WARNING = "WARN: "  # starts the line of a check that warns, in the gate's output


@contextmanager
def started_gate(settings: ImportSettings, batch_ids: Sequence[int]) -> Iterator[Callable[[], list[str]]]:
    """Start the gate on landed batches and yield a function that waits for its verdict. Raises GateUnavailable.

    The gate runs in a process of its own, so that other work can continue. The yielded function returns the gate's warnings.
    It raises GateRefused, with the gate's output as detail, or GateUnavailable.
    """
    command = [*shlex.split(settings.gate_command), "batch", *map(str, batch_ids)]
    process = _start(command)
    try:
        yield lambda: _wait_for_verdict(process, settings.gate_timeout)
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


def _wait_for_verdict(process: subprocess.Popen[str], timeout: float) -> list[str]:
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise GateUnavailable(
            f"The gate did not finish within {timeout:.0f} s. Try again, or raise GATE_TIMEOUT."
        ) from None
    lines = output.strip().splitlines()
    verdict = read_gate_verdict(process.returncode, lines[-1] if lines else "")
    if verdict is None:
        last_lines = "\n".join((output + errors).strip().splitlines()[-MAX_DETAIL_LINES:])
        raise GateUnavailable(
            f"The gate could not be run: it exited with code {process.returncode} and without a verdict.", last_lines
        )
    if verdict["refused"]:
        raise GateRefused(
            "The gate refused the batch: a check failed. Nothing was imported.",
            "\n".join(lines[:-1][-MAX_DETAIL_LINES:]),
        )
    return [line.strip().removeprefix(WARNING) for line in lines if line.strip().startswith(WARNING)]
