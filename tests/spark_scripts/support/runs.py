"""Run a load in this process, or its commands as the scheduler does."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession

from spark_scripts.begin import Selection, begin
from spark_scripts.etl import compute
from spark_scripts.publish import publish
from tests.spark_scripts.support.databases import ROOT, Databases
from tests.spark_scripts.support.servers import QUICK_JAVA, SPARK_SECRET


def run_load(
    spark: SparkSession, databases: Databases, run_id: str, selection: Selection | None = None
) -> dict[str, Any]:
    """Run one load from begin to publish, and return its row of audit.load. The gate must pass."""
    load = begin(databases.source, databases.main, run_id, selection)
    if load["listeners"]:
        compute(spark, databases.source, databases.main, load["load_id"])
        databases.gate(load["load_id"])
    return publish(databases.main, load["load_id"])


def settings(databases: Databases, **extra: str) -> dict[str, str]:
    """Return the environment of a load's commands."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "SPARK_JDBC_JAR") if name in os.environ}
    urls = {"SOURCE_DATABASE_URL": databases.source, "ETL_DATABASE_URL": databases.main}
    return kept | urls | {"PYTHONPATH": str(ROOT), "PYSPARK_PYTHON": sys.executable} | QUICK_JAVA | extra


def submit(databases: Databases, load_id: int, master: str, log: Path) -> subprocess.Popen[bytes]:
    """Start the transform of a load as Airflow does, in its own process group, with its output in the file `log`."""
    spark_submit = [str(Path(sys.executable).with_name("spark-submit")), "--properties-file", "spark_scripts/load.conf"]
    command = [*spark_submit, "spark_scripts/etl.py", "--load-id", str(load_id)]
    environment = settings(
        databases, SPARK_MASTER=master, SPARK_LOCAL_DIRS=str(log.parent), SPARK_AUTH_SECRET=SPARK_SECRET
    )
    with log.open("wb") as out:
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
