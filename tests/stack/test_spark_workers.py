"""The number of Spark workers can change while the stack runs."""

import time

import requests

from tests.running_stack import runtime

MASTER_TIMEOUT = 60  # seconds until the master reports the new number of workers


def alive_workers(settings: dict[str, str], wanted: int) -> int:
    """Wait until the master reports the wanted number of workers, at most MASTER_TIMEOUT. Return the reported number."""
    deadline = time.monotonic() + MASTER_TIMEOUT
    while True:
        reported = requests.get(f"http://127.0.0.1:{settings['SPARK_UI_PORT']}/json/", timeout=10).json()[
            "aliveworkers"
        ]
        if reported == wanted or time.monotonic() > deadline:
            return int(reported)
        time.sleep(1)


def test_worker_count_grows_to_three_and_returns_to_one(settings: dict[str, str]) -> None:
    done = runtime("up", "spark", WORKERS="3")
    assert done.returncode == 0, done.stdout + done.stderr
    assert alive_workers(settings, 3) == 3
    assert runtime("up", "spark").returncode == 0
    assert alive_workers(settings, 1) == 1
