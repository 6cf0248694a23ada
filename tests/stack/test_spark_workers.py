"""Spark's workers can be made more and fewer while the stack runs."""

import time

import requests
from conftest import runtime

WITHIN = 60  # seconds until the master has noticed


def alive_workers(settings, wanted):
    """How many workers the master knows, once they are as many as wanted or it has had its time."""
    deadline = time.monotonic() + WITHIN
    while True:
        told = requests.get(f"http://127.0.0.1:{settings['SPARK_UI_PORT']}/json/", timeout=10).json()["aliveworkers"]
        if told == wanted or time.monotonic() > deadline:
            return told
        time.sleep(1)


def test_three_workers_run_beside_what_runs_already_and_one_again(settings):
    done = runtime("up", "spark", WORKERS="3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert alive_workers(settings, 3) == 3
    assert runtime("up", "spark").returncode == 0
    assert alive_workers(settings, 1) == 1
