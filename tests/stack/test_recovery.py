"""Killed services restart automatically, and the next pipeline run is correct."""

import os
import signal
import time

import psutil
import pytest

from tests.running_stack import STATE, runtime
from tests.stack.conftest import Ask

RESTART_TIMEOUT = 120  # seconds until a killed service is healthy again
COMMANDS = [
    "flask_endpoint.wsgi",
    "kafka.Kafka",
    "ConnectDistributed",
    "airflow scheduler",
    "next-server",
    "worker.Worker",
    "cdc_connectors.connectors.watchdog",
]


def processes(command: str) -> list[psutil.Process]:
    """Return the processes of the test stack whose command line contains `command`."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("LISTENING_STATE") == str(STATE)
            if ours and command in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("command", COMMANDS)
def test_killed_service_restarts(command: str) -> None:
    victims = processes(command)
    assert victims, f"no process runs {command}"
    for victim in victims:
        try:
            os.kill(victim.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_until_healthy()
    assert {process.pid for process in processes(command)}.isdisjoint({victim.pid for victim in victims})


def test_killed_databases_restart_and_next_run_is_correct(ask: Ask) -> None:
    before = ask("main", "SELECT count(*) FROM core.fct_play")
    for process in psutil.process_iter():
        try:
            if (
                process.environ().get("LISTENING_STATE") == str(STATE)
                and process.name() == "postgres"
                and process.parent().name() == "supervisord"
            ):
                process.kill()
        except (psutil.Error, AttributeError):
            continue
    wait_until_healthy()
    done = runtime("pipeline")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ask("main", "SELECT count(*) FROM core.fct_play") == before
    assert runtime("verify-replica").returncode == 0


def wait_until_healthy() -> None:
    deadline = time.monotonic() + RESTART_TIMEOUT
    while (done := runtime("status")).returncode:
        assert time.monotonic() < deadline, done.stdout
        time.sleep(1)
