"""The suites of `make test`."""

import subprocess
from pathlib import PurePosixPath

from runtime.definition.stack import PROJECT
from runtime.testing.suites import Suite, all_suites


def type_suites() -> list[Suite]:
    return [suite for suite in all_suites() if suite.name.startswith("types ")]


def test_no_two_type_suites_share_a_cache() -> None:
    suites = type_suites()
    assert len(suites) > 1
    caches = {suite.command[suite.command.index("--cache-dir") + 1] for suite in suites}
    assert len(caches) == len(suites)


def test_types_of_every_module_are_checked() -> None:
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=PROJECT, capture_output=True, text=True, check=True)
    checked = {argument for suite in type_suites() for argument in suite.command}
    modules = [PurePosixPath(name) for name in listed.stdout.split()]
    assert modules
    assert [str(file) for file in modules if not checked & {str(file), *map(str, file.parents)}] == []
