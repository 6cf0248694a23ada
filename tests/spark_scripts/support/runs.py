"""Running a load as a whole, in this process or as the scheduler does."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from spark_scripts.begin import Wish, begin
from spark_scripts.etl import compute
from spark_scripts.publish import publish
from tests.spark_scripts.support.databases import ROOT, Databases
from tests.spark_scripts.support.servers import QUICK_JAVA


def whole(spark: SparkSession, databases: Databases, run_id: str, wish: Wish | None = None) -> dict[str, Any]:
    """One load of source as it is: begin, compute, pass the gate, publish."""
    begun = begin(databases.source, databases.main, run_id, wish)
    if begun["listeners"]:
        compute(spark, databases.source, databases.main, begun["load_id"])
        databases.gate(begun["load_id"])
    return publish(databases.main, begun["load_id"])


def settings(databases: Databases, **more: str) -> dict[str, str]:
    """The environment of a load's commands."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "SPARK_JDBC_JAR") if name in os.environ}
    urls = {"SOURCE_DATABASE_URL": databases.source, "ETL_DATABASE_URL": databases.main}
    return kept | urls | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable} | QUICK_JAVA | more


def submit(databases: Databases, load_id: int, master: str, log: Path) -> subprocess.Popen[bytes]:
    """Start the transform of a load as Airflow does, as a group of processes of its own; what it says is in `log`."""
    spark_submit = [Path(sys.executable).with_name("spark-submit"), "--properties-file", "spark_scripts/load.conf"]
    command = [*spark_submit, "spark_scripts/etl.py", "--load-id", str(load_id)]
    environment = settings(databases, SPARK_MASTER=master, SPARK_LOCAL_DIRS=str(log.parent))
    with log.open("wb") as out:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
