"""One service of the local runtime: run its health check, run its job, read the end of its log."""

import subprocess

from runtime.definition.compose import Service
from runtime.definition.stack import PROJECT, Stack
from runtime.errors import StageError
from runtime.local.service import command, environment, prepare_data
from runtime.output.log_lines import LOG_TAIL, tail

ONE_SHOT_TIMEOUT = 300  # seconds a migration or registration may take
LOG_TAIL_BYTES = 64_000  # read from the end of the file


def is_healthy(stack: Stack, service: Service) -> bool:
    """Run the service's health check once."""
    if service.health is None:
        return True
    try:
        done = subprocess.run(
            service.health.test, env=environment(stack, service), capture_output=True, timeout=service.health.timeout
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def log_tail(stack: Stack, name: str, lines: int = LOG_TAIL) -> str:
    """Return the last lines of a service's log, or "" if it has no log."""
    file = stack.logs / f"{name}.log"
    if not file.exists():
        return ""
    with file.open("rb") as log:
        log.seek(max(0, file.stat().st_size - LOG_TAIL_BYTES))
        return tail(log.read().decode(errors="replace"), lines)


def run_one_shot(stack: Stack, service: Service) -> None:
    """Run a job to its end. Raises StageError with the end of its log if it fails or takes longer than ONE_SHOT_TIMEOUT."""
    prepare_data(stack, service)
    log_file = stack.logs / f"{service.name}.log"
    problem = "failed"
    with log_file.open("ab") as log:
        try:
            code = subprocess.run(
                command(service),
                env=environment(stack, service),
                cwd=PROJECT,
                stdout=log,
                stderr=log,
                timeout=ONE_SHOT_TIMEOUT,
            ).returncode
        except subprocess.TimeoutExpired:
            code, problem = -1, f"did not finish within {ONE_SHOT_TIMEOUT} s"
    if code:
        raise StageError(
            f"The job {service.name} {problem}. Read {log_file}, fix the cause, then run the command again.",
            log_tail(stack, service.name),
        )
