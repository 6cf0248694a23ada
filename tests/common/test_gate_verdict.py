"""A caller of the gate reads a verdict, or learns that the gate did not run."""

import subprocess
import sys

import pytest

from common.gate_verdict import read_gate_verdict

PASSED = '{"passed": [1, 2], "refused": []}'
REFUSED = '{"passed": [1], "refused": [2]}'


@pytest.mark.parametrize(("exit_code", "line", "refused"), [(0, PASSED, []), (1, REFUSED, [2])])
def test_verdict_names_refused_batches(exit_code: int, line: str, refused: list[int]) -> None:
    verdict = read_gate_verdict(exit_code, line)
    assert verdict is not None and verdict["refused"] == refused


@pytest.mark.parametrize("command", [["soda/no_such_gate.py"], ["-c", "import no_such_module"]])
def test_missing_or_crashing_gate_gives_no_verdict(command: list[str]) -> None:
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2)
    assert read_gate_verdict(done.returncode, done.stderr.splitlines()[-1]) is None


@pytest.mark.parametrize(
    ("exit_code", "line"), [(1, PASSED), (0, REFUSED), (2, REFUSED), (3, PASSED), (0, ""), (0, "[]"), (1, "null")]
)
def test_exit_code_without_matching_verdict_is_not_trusted(exit_code: int, line: str) -> None:
    assert read_gate_verdict(exit_code, line) is None
