"""The table that `make metric` writes is created by the migration, and the gate checks it."""

import re
from pathlib import Path

from tests.new_metric import NAME, copy_with_metric, run_tests


def test_gate_accepts_valid_rows_and_refuses_each_invalid_example_of_a_new_metric(tmp_path: Path) -> None:
    copy = copy_with_metric(tmp_path, NAME)
    output = run_tests(
        copy, "tests/soda/test_load_gate.py", "-k", f"{NAME} or valid_load_passes or has_a_failing_example"
    )
    assert re.search(r"^5 passed", output, re.MULTILINE)  # Three of them are the metric's invalid examples.
