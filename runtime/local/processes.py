"""The local runtime: every service is a local process under supervisord, with its data in the stack's folder."""

import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

from runtime.definition.compose import with_dependencies
from runtime.definition.stack import PROJECT, Stack, python
from runtime.errors import OperatorError
from runtime.local import prepare, starter
from runtime.local.probe import is_healthy
from runtime.local.service import environment
from runtime.local.supervisor import Supervisor, processes_of
from runtime.output.progress import GIB, report, report_slow, show_log
from runtime.output.results import last_json_line

STATE_WORDS = {"BACKOFF": "restarting", "FATAL": "gave up", "EXITED": "ended"}


class Processes:
    """The runtime `local`. See `runtime.runtimes.Runtime`."""

    name = "local"

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    def prepare(self, wanted: Sequence[str] = ()) -> None:
        self.stack.require_settings_of_data(has_data=(self.stack.state / "data").exists())
        services = self.stack.services()
        prepare.prepare([services[name] for name in with_dependencies(services, list(wanted))], report_slow)

    def start(self, wanted: Sequence[str] = ()) -> None:
        starter.start(self.stack, list(wanted), report)

    def stop(self) -> None:
        Supervisor(self.stack).stop()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.stack.state, ignore_errors=True)

    def has_data(self) -> bool:
        return (self.stack.state / "data" / "source").exists()

    def is_running(self) -> bool:
        return Supervisor(self.stack).is_running()

    def states(self) -> dict[str, str]:
        services = [service for service in self.stack.services().values() if not service.is_one_shot]
        process_states = Supervisor(self.stack).states()
        states = {service.name: _word(process_states.get(service.name, "STOPPED")) for service in services}
        running = [service for service in services if process_states.get(service.name) == "RUNNING"]
        with ThreadPoolExecutor(max_workers=8) as pool:
            outcomes = pool.map(lambda service: is_healthy(self.stack, service), running)
            for service, passed in zip(running, outcomes, strict=True):
                states[service.name] = "healthy" if passed else "unhealthy"
        return states

    def memory(self) -> str:
        used = sum(_pss(process) for process in processes_of(self.stack))
        return f"{used / GIB:.2f} GiB (proportional set size of all processes)"

    def show_logs(self, service: str, follow: bool) -> None:
        files = [self.stack.logs / f"{service}.log"] if service else sorted(self.stack.logs.glob("*.log"))
        if not files or any(not file.exists() for file in files):
            raise OperatorError(
                f"There is no log of {service or 'any service'}; services: {', '.join(self.stack.services())}."
            )
        show_log(["tail", "-n", "40", *(["-F"] if follow else []), *map(str, files)])

    def call(self, service: str, environment_name: str, arguments: Sequence[str], files: Sequence[Path] = ()) -> int:
        command = [str(python(environment_name)), *arguments, *map(str, files)]
        return subprocess.call(command, env=self._environment(service), cwd=PROJECT)

    def call_json(
        self, service: str, environment_name: str, arguments: Sequence[str], files: Sequence[Path] = ()
    ) -> Any:
        command = [str(python(environment_name)), *arguments, *map(str, files)]
        return last_json_line(command, arguments, env=self._environment(service), cwd=PROJECT)

    def _environment(self, service: str) -> dict[str, str]:
        return environment(self.stack, self.stack.services()[service])


def _word(state: str) -> str:
    return STATE_WORDS.get(state, state.lower())


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.Error, AttributeError):
        return 0
