"""Tables are found by name, computed from the inputs that they name, and kept if other tables read them."""

from collections.abc import Callable
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.errors import NoTransformation
from spark_scripts.tables.lineage import Lineage


def test_table_is_computed_from_the_inputs_named_by_its_parameters(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    tables = Lineage({"plays": lambda: frame("fct_play", {})})
    assert rows(tables["discovery"], "listener_id", "play_count") == [("bob", 1)]


def is_recomputed(frame: DataFrame) -> bool:
    """Return whether reading the frame computes it. The plan of a checkpointed frame has no aggregation."""
    return "Aggregate" in frame._jdf.queryExecution().logical().toString()


def test_only_tables_that_others_read_are_kept(frame: Callable[..., DataFrame]) -> None:
    calls = []

    def plays() -> DataFrame:
        calls.append("plays")
        return frame("fct_play", {})

    tables = Lineage({"plays": plays})
    assert not is_recomputed(tables["daily_listening"])
    assert tables["daily_listening"] is tables["daily_listening"]
    assert is_recomputed(tables["listening_clock"])
    assert calls == ["plays"]


def test_error_names_the_missing_transformation() -> None:
    with pytest.raises(NoTransformation, match=r"transformations/forgotten\.py is missing"):
        Lineage({})["forgotten"]
