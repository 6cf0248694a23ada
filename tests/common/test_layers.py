"""common imports nothing of the other components, and each third-party package in as few modules as possible."""

import sys
from pathlib import Path

import pytest

from tests.imports import top_packages

PACKAGE = Path(__file__).parents[2] / "common"
# The packages that a module may import in addition to the standard library and other modules of common.
PACKAGES = {
    "database": {"psycopg"},
    "health_server": {"structlog"},
    "json_lines": {"structlog"},
    "settings": {"pydantic", "pydantic_settings"},
    "waiting": {"tenacity"},
}


@pytest.mark.parametrize("file", sorted(PACKAGE.glob("*.py")), ids=lambda file: file.stem)
def test_module_imports_only_its_own_packages(file: Path) -> None:
    imported = top_packages(file) - {"common"} - sys.stdlib_module_names
    assert imported == PACKAGES.get(file.stem, set())
