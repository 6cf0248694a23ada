"""The transformation that `make metric` writes passes the test that comes with it."""

import inspect
import re
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pyspark.sql import DataFrame

from spark_scripts import transformations
from spark_scripts.tables.lineage import transformation
from tests.new_metric import NAME, copy_with_metric

TEST_FILE = f"tests/spark_scripts/transformations/test_{NAME}.py"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a copy of the project with a new metric. Make its transformation importable in this process."""
    copy = copy_with_metric(tmp_path_factory.mktemp("new_metric"), NAME)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transformations, "__path__", [str(copy / "spark_scripts/transformations")])
        yield copy
    sys.modules.pop(f"{transformations.__name__}.{NAME}", None)


def test_new_metric_passes_its_own_test(copy: Path, request: pytest.FixtureRequest) -> None:
    tests = [test for name, test in runpy.run_path(str(copy / TEST_FILE)).items() if name.startswith("test_")]
    for test in tests:
        test(**{fixture: request.getfixturevalue(fixture) for fixture in inspect.signature(test).parameters})
    assert len(tests) == 3


def test_new_metric_has_the_columns_of_its_table(copy: Path, frame: Callable[..., DataFrame]) -> None:
    definition = (copy / f"sql/main/mart/{NAME}.sql").read_text()
    columns = re.findall(r"^    ([a-z_]+) +(?:text|date|integer|bigint)", definition, re.MULTILINE)
    assert [*transformation(NAME)(frame("fct_play")).columns, "load_id"] == columns
