"""`make bench-*`: benchmarks on an empty test stack. The main stack can keep running."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from runtime.definition.compose import with_dependencies
from runtime.definition.stack import PROJECT, Stack, current_stack, python
from runtime.local import prepare, starter
from runtime.output.progress import report_slow
from runtime.runtimes import all_runtimes
from runtime.testing.suites import environment_of_tests


@contextmanager
def empty_stack(wanted: Sequence[str] = ()) -> Iterator[Stack]:
    """Yield the empty test stack, prepared for the wanted services (default: all). Remove it at the end."""
    os.environ["STACK"] = "test"
    stack = current_stack()
    _remove(stack)
    services = stack.services()
    needed = [services[name] for name in with_dependencies(services, list(wanted))]
    prepare.prepare(needed, report_slow, with_benchmarks=True)
    try:
        yield stack
    finally:
        _remove(stack)


def run_bench(module: str, arguments: Sequence[str], services: Sequence[str] = ()) -> int:
    """Run a module of `bench/` in the benchmarks' environment, with these services, or with an empty PostgreSQL. Return its exit code."""
    with empty_stack(services) as stack:
        starter.start(stack, list(services) or ["main"])
        command = [str(python("bench")), "-m", f"bench.{module}", *arguments]
        environment = environment_of_tests(stack) | _node_settings(stack) | _chain_settings(stack)
        return subprocess.call(command, cwd=PROJECT, env=environment)


def _chain_settings(stack: Stack) -> dict[str, str]:
    """Return the settings of the commands of change data capture, and the owners' passwords."""
    settings = stack.settings()
    owners = {name: value for name, value in settings.items() if name.endswith(("_OWNER_PASSWORD", "_PORT"))}
    return owners | dict(stack.services()["register-connectors"].environment)


def _node_settings(stack: Stack) -> dict[str, str]:
    """Return the dashboard's settings for Node.js, so that its benchmark runs with the same memory limit."""
    settings = stack.services()["dashboard"].environment
    return {name: settings[name] for name in ("NODE_ENV", "NODE_OPTIONS", "MALLOC_ARENA_MAX")}


def _remove(stack: Stack) -> None:
    for runtime in all_runtimes(stack):
        runtime.remove()
