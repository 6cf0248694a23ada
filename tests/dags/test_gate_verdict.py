"""The gate's answer, as the DAG reads it: a verdict, or a gate that could not run."""

import subprocess
import sys

import pytest
from airflow.exceptions import AirflowFailException
from gate_verdict import read_verdict

PASSED = '{"passed": [1, 2], "refused": []}'
REFUSED = '{"passed": [1], "refused": [2]}'


@pytest.mark.parametrize(("exit_code", "line", "refused"), [(0, PASSED, []), (1, REFUSED, [2])])
def test_verdict_names_passed_and_refused_batches(exit_code, line, refused):
    assert read_verdict(exit_code, line)["refused"] == refused


@pytest.mark.parametrize("command", [["soda/no_such_gate.py"], ["-c", "import no_such_module"]])
def test_missing_or_crashing_gate_is_not_a_refusal(command):
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=60)
    assert done.returncode in (1, 2)

    with pytest.raises(AirflowFailException, match="The gate could not run"):
        read_verdict(done.returncode, done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    ("exit_code", "line"), [(1, PASSED), (0, REFUSED), (2, REFUSED), (3, PASSED), (1, ""), (0, "[]"), (1, "null")]
)
def test_exit_code_without_matching_verdict_is_not_trusted(exit_code, line):
    with pytest.raises(AirflowFailException, match="The gate could not run"):
        read_verdict(exit_code, line)
