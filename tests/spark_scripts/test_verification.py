"""Nightly verification: rows that differ from their recomputation are recorded before they are repaired."""

import json
import subprocess
import sys
from datetime import date

import pytest
from pyspark.sql import SparkSession

from common.exit_codes import ExitCode
from spark_scripts.begin import Selection, begin
from spark_scripts.etl import compute
from spark_scripts.loads.listener_versions import verified_on
from tests.spark_scripts.support.databases import ROOT, Databases
from tests.spark_scripts.support.oracle import World
from tests.spark_scripts.support.published import assert_published
from tests.spark_scripts.support.runs import run_load, settings
from tests.spark_scripts.support.worlds import random_world

pytestmark = pytest.mark.timeout(900)  # Several loads, on a busy machine.
DAY = date(2026, 11, 25)
DIFFERENCES = (
    "SELECT table_name, listener_id, rows_missing, rows_differing, rows_surplus FROM audit.difference ORDER BY 1, 2"
)


@pytest.fixture(scope="module")
def world() -> World:
    return random_world(seed=7, listeners=30)


@pytest.fixture
def published(spark: SparkSession, databases: Databases, world: World) -> Databases:
    databases.empty_main()
    databases.fill(world)
    run_load(spark, databases, "first")
    return databases


def verify(spark: SparkSession, databases: Databases, day: date) -> subprocess.CompletedProcess[str]:
    """Run a nightly load up to the gate, and return the completed process of the publish command."""
    load = begin(databases.source, databases.main, f"night {day}", Selection(verify_on=day))
    compute(spark, databases.source, databases.main, load["load_id"])
    databases.gate(load["load_id"])
    command = [sys.executable, "-m", "spark_scripts.publish", "--load-id", str(load["load_id"])]
    return subprocess.run(
        command, cwd=ROOT, env=settings(databases), capture_output=True, text=True, timeout=60, check=False
    )


def corrupt(databases: Databases, listener: str) -> int:
    """Change published rows of a listener: add one, change one, and delete those of daily_listening. Return the number deleted."""
    databases.execute(
        "INSERT INTO mart.artist_streak VALUES (%s, 'nobody', '1999-01-01', '1999-01-02', 2, 2, 1)", (listener,)
    )
    databases.execute("UPDATE mart.listener_summary SET track_count = 99 WHERE listener_id = %s", (listener,))
    deleted = databases.execute("DELETE FROM mart.daily_listening WHERE listener_id = %s RETURNING 1", (listener,))
    return len(deleted)


def busy_listener(databases: Databases, day: date) -> str:
    """Return the listener verified on that day with the most days of listening."""
    return max(
        verified_on(day, {name for (name,) in databases.execute("SELECT listener_id FROM mart.listener_summary")}),
        key=lambda name: databases.execute("SELECT count(*) FROM mart.daily_listening WHERE listener_id = %s", (name,)),
    )


def test_differences_are_recorded_reported_and_repaired(
    spark: SparkSession, published: Databases, world: World
) -> None:
    listener = busy_listener(published, DAY)
    lost = corrupt(published, listener)

    done = verify(spark, published, DAY)

    assert done.returncode == ExitCode.NO, done.stderr
    assert published.execute(DIFFERENCES) == [
        ("mart.artist_streak", listener, 0, 0, 1),
        ("mart.daily_listening", listener, lost, 0, 0),
        ("mart.listener_summary", listener, 0, 1, 0),
    ]
    assert (
        f"mart.listener_summary: rows of {listener} differ from their recomputation: 0 missing, 1 differing"
        in done.stderr
    )
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "published"
    assert_published(published, world)


def test_verification_without_differences_reports_nothing(spark: SparkSession, published: Databases) -> None:
    done = verify(spark, published, DAY)

    assert (done.returncode, done.stderr) == (0, "")
    assert published.execute(DIFFERENCES) == []
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert (
        outcome["listeners_touched"]
        and outcome["rows_inserted"] + outcome["rows_updated"] + outcome["rows_deleted"] == 0
    )


def test_changed_listener_and_items_are_not_compared(spark: SparkSession, published: Databases, world: World) -> None:
    changed = busy_listener(published, DAY)
    corrupt(published, changed)
    published.execute("UPDATE core.dim_artist SET name = 'other'")
    with_changes = {
        **world,
        "listener": [row | {"version": 2} if row["listener_id"] == changed else row for row in world["listener"]],
    }
    published.fill(with_changes)

    assert verify(spark, published, DAY).returncode == 0
    assert published.execute(DIFFERENCES) == []


def test_items_are_compared_if_no_listener_changed(spark: SparkSession, published: Databases) -> None:
    published.execute("UPDATE core.dim_artist SET name = 'other'")

    done = verify(spark, published, DAY)

    ((table, listener, *_),) = published.execute(DIFFERENCES)
    assert (done.returncode, table, listener) == (ExitCode.NO, "core.dim_artist", "")
    assert "core.dim_artist: rows of items differ from their recomputation" in done.stderr


def test_rejected_load_repairs_nothing_and_reports_no_differences(spark: SparkSession, published: Databases) -> None:
    corrupt(published, busy_listener(published, DAY))
    load = begin(published.source, published.main, "night", Selection(verify_on=DAY))
    compute(spark, published.source, published.main, load["load_id"])
    command = [sys.executable, "-m", "spark_scripts.publish", "--load-id", str(load["load_id"])]

    done = subprocess.run(
        command, cwd=ROOT, env=settings(published), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == ExitCode.NO and "The gate has not run" in done.stderr
    assert published.execute(DIFFERENCES) == []
