"""Run a component's own command with the settings that its service has."""

import json
import subprocess
import sys
from typing import Any

from runtime.errors import StageError
from runtime.service import environment
from runtime.stack import PROJECT, Stack, python

COMMAND_TIMEOUT = 3600  # seconds: an import of ten years, or a verification that waits for CDC


def call(stack: Stack, service: str, environment_name: str, arguments: list[str]) -> int:
    """Run `python arguments` of an environment as the operator sees it. Returns its exit code."""
    command = [str(python(environment_name)), *arguments]
    return subprocess.call(command, env=environment(stack, stack.services()[service]), cwd=PROJECT)


def call_json(stack: Stack, service: str, environment_name: str, arguments: list[str]) -> Any:
    """Run a command whose last line of output is JSON, and return that. Raises StageError with what it said when it fails."""
    command = [str(python(environment_name)), *arguments]
    try:
        done = subprocess.run(
            command,
            env=environment(stack, stack.services()[service]),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise StageError(f"{' '.join(arguments[:3])} has not ended after {COMMAND_TIMEOUT} s.") from error
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise StageError(f"{' '.join(arguments[:3])} failed with exit code {done.returncode}.", tail)
    return json.loads(lines[-1])


def tell(message: str) -> None:
    """A line of progress: on stderr, so that stdout stays for results."""
    print(message, file=sys.stderr, flush=True)
