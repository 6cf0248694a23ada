"""Tables are found by name, made from what they name, and kept where others are made from them."""

import pytest

from spark_scripts.errors import NoTransformation
from spark_scripts.tables.lineage import Lineage


def test_a_table_is_made_from_what_its_parameters_name(frame, rows):
    tables = Lineage({"plays": lambda: frame("fct_play", {})})
    assert rows(tables["discovery"], "listener_id", "play_count") == [("bob", 1)]


def computes(made):
    """Whether reading the table computes it: one that is kept has no past in its plan."""
    return "Aggregate" in made._jdf.queryExecution().logical().toString()


def test_a_table_that_others_are_made_from_is_computed_once_and_the_rest_not_kept(frame):
    made = []
    tables = Lineage({"plays": lambda: made.append("plays") or frame("fct_play", {})})
    assert not computes(tables["daily_listening"])
    assert tables["daily_listening"] is tables["daily_listening"]
    assert computes(tables["listening_clock"])
    assert made == ["plays"]


def test_a_table_without_transformation_is_one_sentence():
    with pytest.raises(NoTransformation, match=r"transformations/forgotten\.py is missing"):
        Lineage({})["forgotten"]
