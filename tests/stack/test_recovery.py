"""Services that are killed come back by themselves, and the pipeline is right afterwards."""

import os
import signal
import time

import psutil
import pytest
from conftest import STATE, runtime

BACK_WITHIN = 120  # seconds until a killed service is healthy again
KILLED = [
    "flask_endpoint.wsgi",
    "kafka.Kafka",
    "ConnectDistributed",
    "airflow scheduler",
    "next-server",
    "worker.Worker",
    "cdc_connectors.connectors.watchdog",
]


def processes(words):
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("LISTENING_STATE") == str(STATE)
            if ours and words in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


@pytest.mark.parametrize("words", KILLED)
def test_a_killed_service_comes_back(words):
    victims = processes(words)
    assert victims, f"no process runs {words}"
    for victim in victims:
        try:
            os.kill(victim.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    wait_until_healthy()
    assert {process.pid for process in processes(words)}.isdisjoint({victim.pid for victim in victims})


def test_killed_databases_come_back_and_the_next_run_is_right(ask):
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


def wait_until_healthy():
    deadline = time.monotonic() + BACK_WITHIN
    while (done := runtime("status")).returncode:
        assert time.monotonic() < deadline, done.stdout
        time.sleep(1)
