"""The files that `make metric` writes pass the tests of the tree, the formatters, and the type check of the dashboard."""

import sys
from pathlib import Path

import pytest

from tests.new_metric import NAME, PROJECT, copy_with_metric, run, run_tests

LONGEST_NAME = "m" + "_longest" * 7 + "_names"
NODE_MODULES = PROJECT / "dashboard" / "node_modules"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the project with two new metrics: one with a usual name, one with the longest possible name."""
    assert len(LONGEST_NAME) == 63
    return copy_with_metric(tmp_path_factory.mktemp("new_metric"), NAME, LONGEST_NAME)


def test_tree_with_a_new_metric_passes_the_layout_tests(copy: Path) -> None:
    output = run_tests(copy, "-vv", "tests/shape/test_layout.py", "tests/shape/test_writing.py")
    assert f"[{NAME}] PASSED" in output and f"[{LONGEST_NAME}] PASSED" in output


def test_new_metric_is_formatted_and_passes_the_linter(copy: Path) -> None:
    ruff = str(Path(sys.executable).with_name("ruff"))
    run(copy, ruff, "check", ".")
    run(copy, ruff, "format", "--check", ".")


def test_new_panel_passes_the_linter_and_the_type_check(copy: Path) -> None:
    assert NODE_MODULES.exists(), "Run npm ci in dashboard/ first; make test does."
    (copy / "dashboard" / "node_modules").symlink_to(NODE_MODULES)
    run(copy, "npm", "--prefix", "dashboard", "run", "lint")
    run(copy, "npm", "--prefix", "dashboard", "run", "typecheck")
    assert f"import {NAME} from '@/panels/{NAME}'" in (copy / "dashboard/generated/panels.ts").read_text()
