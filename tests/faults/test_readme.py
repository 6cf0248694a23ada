"""The commands of the README of `cdc_connectors` work as printed."""

import os
import re
import subprocess
from pathlib import Path

from common.waiting import WaitTimeout, wait_until
from tests.running_stack import PROJECT

README = Path("cdc_connectors/README.md")
ARRIVES = 30.0  # seconds until the watchdog lets the sink read a new table's topic


def test_one_row_can_be_followed_through_insert_update_and_delete() -> None:
    text = (PROJECT / README).read_text()
    [block] = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    steps = [step.partition("\n") for step in block.removeprefix("$ ").split("\n$ ")]
    assert len(steps) > 10
    for command, _, printed in steps:
        output = ""

        def is_as_printed(command: str = command, printed: str = printed) -> bool:
            nonlocal output
            output = run(command)
            return output.strip() == printed.strip()

        try:
            wait_until(is_as_printed, command, ARRIVES) if printed.strip() else run(command)
        except WaitTimeout:
            assert (command, output) == (command, printed)


def run(command: str) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=PROJECT,
        env=os.environ | {"STACK": "test"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
