"""A client of Kafka runs while Kafka's data stays the same."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdc_connectors.errors import Unavailable
from cdc_connectors.java_services.same_cluster import run_while_same
from common.waiting import wait_until

FOREVER = ["sleep", "600"]
PROJECT = Path(__file__).parents[3]
PROGRAM = """
import sys
from cdc_connectors.java_services.same_cluster import run_while_same
sys.exit(run_while_same(["sh", "-c", "trap 'exit 7' TERM; echo started; while :; do sleep 0.05; done"], lambda: "one", 0.05) % 256)
"""


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Restore this process's signal handlers."""
    saved = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in saved.items():
        signal.signal(number, handler)


def test_process_ends_when_kafka_has_another_cluster() -> None:
    answers: Iterator[str | Unavailable] = iter(["one", Unavailable("down"), "one", "two"])

    def cluster_id() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert run_while_same(FOREVER, cluster_id, 0.01) == -signal.SIGTERM
    assert list(answers) == []


def test_exit_code_is_that_of_the_process() -> None:
    assert run_while_same(["sh", "-c", "exit 3"], lambda: "one", 0.01) == 3


def started() -> subprocess.Popen[str]:
    """Start a program that runs a process, and wait until that runs."""
    command = [sys.executable, "-c", PROGRAM]
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(PROJECT)}
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "started\n"
    return program


def test_signal_is_passed_on() -> None:
    with started() as program:
        program.terminate()
        assert program.wait(timeout=20) == 7


def test_process_does_not_outlive_a_killed_parent() -> None:
    with started() as program:
        [child] = map(int, Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split())
        program.kill()
        program.wait(timeout=20)
        wait_until(lambda: not Path(f"/proc/{child}").exists() or _is_dead(child), "the end of the process", 20)


def _is_dead(process: int) -> bool:
    """Return whether a process waits only for its new parent to read its exit code."""
    return ") Z " in Path(f"/proc/{process}/stat").read_text()
