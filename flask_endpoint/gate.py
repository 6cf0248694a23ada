"""The gate: Soda's checks on landed batches, run as the command that the DAGs run too."""

import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from flask_endpoint.errors import GateRefused, GateUnavailable
from flask_endpoint.settings import ImportSettings

PROJECT = Path(__file__).parent.parent  # where the command's relative paths start
PASSED, FAILED = 0, 2  # exit codes; any other means that it could not run
LAST_LINES = 15


def run_gate(settings: ImportSettings, batch_ids: Sequence[int]) -> None:
    """Have the batches checked. Raises GateRefused, with the gate's own words as detail, and GateUnavailable."""
    command = [*shlex.split(settings.gate_command), "batch", *map(str, batch_ids)]
    try:
        done = subprocess.run(
            command,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=settings.gate_timeout,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise GateUnavailable(f"The gate could not be run: {command[0]} does not exist. Check GATE_COMMAND.") from None
    except OSError as error:
        raise GateUnavailable(f"The gate could not be run: {error.strerror}. Check GATE_COMMAND.") from error
    except subprocess.TimeoutExpired:
        raise GateUnavailable(f"The gate did not answer within {settings.gate_timeout:.0f} s. Try again.") from None
    if done.returncode == PASSED:
        return
    said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:])
    if done.returncode == FAILED:
        raise GateRefused("The gate refused the batch: a check failed. Nothing was taken over.", said)
    raise GateUnavailable(f"The gate could not be run: it ended with exit code {done.returncode}.", said)
