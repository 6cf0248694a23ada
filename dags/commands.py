"""The other components' commands, each run by its own interpreter in the project's folder.

They inherit the scheduler's environment, and so their settings; what they print is the task's log.
"""

import os
from collections.abc import Sequence

from airflow.providers.standard.hooks.subprocess import SubprocessHook, SubprocessResult
from pipeline_settings import ProcessSettings

# For BashOperator: its child is stopped with the task, which a long computation needs.
IN_PROJECT = 'cd "${PROJECT_DIR:?is not set: the folder of the project}" && PYTHONPATH="$PROJECT_DIR" exec'


def run(command: Sequence[str], settings: ProcessSettings) -> SubprocessResult:
    """Run a short command to its end; its exit code and the last line it printed."""
    environment = {**os.environ, "PYTHONPATH": settings.project_dir}
    return SubprocessHook().run_command(list(command), env=environment, cwd=settings.project_dir)
