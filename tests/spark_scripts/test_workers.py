"""A Spark cluster: two workers give the same tables as one process, and only who knows the secret can use it."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from common.settings import SettingsError, load_settings
from spark_scripts.begin import begin
from spark_scripts.publish import publish
from spark_scripts.settings import SparkSettings
from tests.spark_scripts.support.databases import Databases
from tests.spark_scripts.support.published import assert_published
from tests.spark_scripts.support.runs import submit
from tests.spark_scripts.support.servers import spark_cluster
from tests.spark_scripts.support.worlds import random_world


@pytest.mark.timeout(900)  # A cluster and a submit, on a busy machine.
def test_load_on_two_workers_equals_the_oracle(databases: Databases, tmp_path: Path) -> None:
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


def test_cluster_without_secret_is_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SOURCE_DATABASE_URL": "a", "ETL_DATABASE_URL": "b", "SPARK_JDBC_JAR": "c"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("SPARK_AUTH_SECRET", raising=False)
    monkeypatch.setenv("SPARK_MASTER", "local[2]")
    assert load_settings(SparkSettings).spark_auth_secret is None
    monkeypatch.setenv("SPARK_MASTER", "spark://127.0.0.1:7077")
    with pytest.raises(SettingsError, match="SPARK_AUTH_SECRET"):
        load_settings(SparkSettings)
    monkeypatch.setenv("SPARK_AUTH_SECRET", "known")
    assert load_settings(SparkSettings).spark_auth_secret == SecretStr("known")
