"""Read the verdict of the gate command, and tell a refusal from a crash."""

import json

from airflow.exceptions import AirflowFailException

PASSED, REFUSED = 0, 1  # exit codes of soda/gate.py


def read_verdict(exit_code: int, last_line: str) -> dict[str, list[int]]:
    """Return the batch ids in "passed" and "refused". Raises AirflowFailException when the gate could not run.

    Python exits with 1 when it crashes and with 2 when the script is missing. So the exit code is trusted only together with the
    JSON that the gate prints as its last line.
    """
    try:
        verdict: dict[str, list[int]] = json.loads(last_line)
        if exit_code == (REFUSED if verdict["refused"] else PASSED) and "passed" in verdict:
            return verdict
    except (KeyError, TypeError, ValueError):
        pass
    raise AirflowFailException(f"The gate could not run (exit code {exit_code}): {last_line}")
