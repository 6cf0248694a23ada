"""`make bench-*`: a benchmark on the test stack's PostgreSQL, so that it runs beside a stack in use."""

import os
import subprocess
from collections.abc import Sequence

from runtime.local import prepare, starter
from runtime.progress import report_slow
from runtime.runtimes import all_runtimes
from runtime.stack import PROJECT, current_stack, python
from runtime.suites import environment_of_tests


def run_bench(module: str, arguments: Sequence[str]) -> int:
    """Run a module of `bench/` with an empty PostgreSQL of its own; its exit code. Nothing is left of it."""
    os.environ["STACK"] = "test"
    stack = current_stack()
    runtimes = all_runtimes(stack)
    for runtime in runtimes:
        runtime.remove()
    prepare.prepare(stack.services().values(), report_slow, with_benchmarks=True)
    starter.start(stack, ["main"])
    try:
        command = [str(python("bench")), "-m", f"bench.{module}", *arguments]
        return subprocess.call(command, cwd=PROJECT, env=environment_of_tests(stack))
    finally:
        for runtime in runtimes:
            runtime.remove()
