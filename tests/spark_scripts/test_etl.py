"""Whole loads on real databases, compared with the oracle. Incremental loads equal a rebuild."""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from pyspark.sql import SparkSession

from spark_scripts.begin import Selection, begin
from spark_scripts.errors import UnknownTimeZone
from spark_scripts.etl import compute
from tests.spark_scripts.support.databases import Databases
from tests.spark_scripts.support.oracle import World
from tests.spark_scripts.support.published import assert_published
from tests.spark_scripts.support.runs import run_load
from tests.spark_scripts.support.worlds import change, random_world

LISTENERS = 300


@pytest.fixture(scope="module")
def world() -> World:
    return random_world(seed=1, listeners=LISTENERS)


@pytest.fixture(scope="module")
def load(spark: SparkSession, databases: Databases) -> Callable[..., dict[str, Any]]:
    return partial(run_load, spark, databases)


@pytest.mark.timeout(900)  # Three loads of every table.
def test_loads_equal_the_oracle_and_incremental_loads_equal_a_rebuild(
    databases: Databases, world: World, load: Callable[..., dict[str, Any]]
) -> None:
    """One test of four loads, because a load takes seconds: all listeners, some changes, no changes, a rebuild."""
    databases.empty_main()
    databases.fill(world)
    first = load("first")
    assert (first["status"], first["listeners_touched"]) == ("published", LISTENERS)
    assert_published(databases, world)

    changed = copy.deepcopy(world)
    change(changed, seed=2, listeners=[f"l{n}" for n in range(0, LISTENERS, 40)])
    databases.fill(changed)
    second = load("second")
    assert second["status"] == "published" and 0 < second["listeners_touched"] < LISTENERS
    assert second["rows_deleted"] and second["rows_inserted"] and second["rows_updated"]
    assert_published(databases, changed)

    nothing = load("third")
    assert (nothing["status"], nothing["listeners_touched"]) == ("published", 0)

    rebuilt = load("fourth", Selection(rebuild=True))
    assert rebuilt["status"] == "published" and rebuilt["listeners_touched"] == LISTENERS - 1
    assert (rebuilt["rows_inserted"], rebuilt["rows_updated"], rebuilt["rows_deleted"]) == (0, 0, 0)


def test_time_zone_unknown_to_java_fails_the_load_with_a_reason(spark: SparkSession, databases: Databases) -> None:
    databases.empty_main()
    databases.fill({"listener": [{"listener_id": "ana", "display_name": "Ana", "time_zone": "Mars/Olympus"}]})
    load = begin(databases.source, databases.main, "r1")
    with pytest.raises(UnknownTimeZone, match="Java does not support Mars/Olympus, the time zone of ana"):
        compute(spark, databases.source, databases.main, load["load_id"])
    status, reason = databases.execute("SELECT status, reason FROM audit.load")[0]
    assert status == "failed" and "Mars/Olympus" in reason
    assert databases.execute("SELECT count(*) FROM candidate.complete") == [(0,)]
