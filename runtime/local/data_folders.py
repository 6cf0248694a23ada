"""Check, before anything starts, that PostgreSQL can read its data folders."""

import subprocess
from collections.abc import Iterable

from runtime.definition.compose import Service
from runtime.definition.stack import PROJECT, Stack
from runtime.errors import OperatorError
from runtime.local.service import environment

POSTGRES = "postgres-server"
CHECK_TIMEOUT = 30  # seconds


def require_readable_data(stack: Stack, services: Iterable[Service]) -> None:
    """Raise OperatorError if another major version of PostgreSQL created a service's data folder.

    Without this check, the supervisor would restart the server until the start times out.
    """
    for service in services:
        if service.command[0] != POSTGRES:
            continue
        done = subprocess.run(
            [PROJECT / "docker" / "bin" / POSTGRES, "--check"],
            env=environment(stack, service),
            capture_output=True,
            text=True,
            timeout=CHECK_TIMEOUT,
        )
        if done.returncode:
            raise OperatorError(
                f"The service {service.name} cannot start. {done.stderr.strip().removeprefix('error: ')}"
            )
