"""Read the verdict of the gate command, and distinguish a refusal from a gate that did not run."""

import json

from common.exit_codes import ExitCode


def read_gate_verdict(exit_code: int, last_line: str) -> dict[str, list[int]] | None:
    """Return the ids in "passed" and "refused", or None when the gate did not run.

    Python exits with 1 when it crashes and with 2 when the script is missing. So the exit code counts only together with
    the JSON that the gate prints as its last line.
    """
    try:
        verdict = json.loads(last_line)
        passed, refused = verdict["passed"], verdict["refused"]
    except (KeyError, TypeError, ValueError):
        return None
    return {"passed": passed, "refused": refused} if exit_code == (ExitCode.NO if refused else ExitCode.DONE) else None
