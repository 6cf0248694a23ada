"""Run other components' commands, each with its own Python environment, in the project's folder.

A command inherits the scheduler's environment, which contains its settings. Its output goes to the task's log.
"""

import os
from collections.abc import Sequence

from airflow.providers.standard.hooks.subprocess import SubprocessHook, SubprocessResult
from airflow.sdk.exceptions import AirflowTaskTimeout
from pipeline_settings import ProcessSettings

# Prefix for BashOperator, which stops its child process when the task is stopped; a long computation needs that.
IN_PROJECT = 'cd "${PROJECT_DIR:?is not set: the folder of the project}" && PYTHONPATH="$PROJECT_DIR" exec'


def run(command: Sequence[str], settings: ProcessSettings) -> SubprocessResult:
    """Run a command. Return its exit code and the last line of its output. A task's time-out stops the command."""
    environment = {**os.environ, "PYTHONPATH": settings.project_dir}
    hook = SubprocessHook()
    try:
        return hook.run_command(list(command), env=environment, cwd=settings.project_dir)
    except AirflowTaskTimeout:  # The hook leaves the process running.
        hook.send_sigterm()  # type: ignore[no-untyped-call]  # Airflow does not annotate it.
        raise
