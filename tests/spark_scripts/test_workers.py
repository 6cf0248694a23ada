"""A Spark cluster of two workers gives the same tables as one process."""

import pytest

from spark_scripts.begin import begin
from spark_scripts.publish import publish
from tests.spark_scripts.support.runs import submit
from tests.spark_scripts.support.servers import spark_cluster
from tests.spark_scripts.support.worlds import random_world
from tests.spark_scripts.test_etl import assert_published


@pytest.mark.timeout(900)  # A cluster and a submit, on a busy machine.
def test_load_on_two_workers_equals_the_oracle(databases, tmp_path):
    world = random_world(seed=9, listeners=40)
    databases.empty_main()
    databases.fill(world)
    load = begin(databases.source, databases.main, "on two workers")

    with spark_cluster(tmp_path, workers=2) as master:
        driver = submit(databases, load["load_id"], master, tmp_path / "driver.log")
        assert driver.wait(timeout=600) == 0, (tmp_path / "driver.log").read_text()[-2000:]
        launched = (tmp_path / "daemon-0.log").read_text().count("Launching executor")

    assert launched == 2
    databases.gate(load["load_id"])
    assert publish(databases.main, load["load_id"])["status"] == "published"
    assert_published(databases, world)
