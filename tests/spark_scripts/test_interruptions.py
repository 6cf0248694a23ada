"""Interrupted loads: main never shows part of a load, and the next run completes it."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from pyspark.sql import SparkSession

from spark_scripts.begin import begin
from spark_scripts.errors import DatabaseUnreachable, LoadError
from spark_scripts.etl import compute
from spark_scripts.publish import publish
from tests.spark_scripts.support.databases import Databases, migrated
from tests.spark_scripts.support.oracle import World
from tests.spark_scripts.support.published import assert_published
from tests.spark_scripts.support.runs import run_load, submit
from tests.spark_scripts.support.servers import Postgres, wait_until
from tests.spark_scripts.support.worlds import random_world

pytestmark = pytest.mark.timeout(900)  # Several loads, on a busy machine.
PUBLISHED = "SELECT count(*) FROM core.fct_play"


@pytest.fixture(scope="module")
def world() -> World:
    return random_world(seed=5, listeners=20)


@pytest.fixture
def source(databases: Databases, world: World) -> Databases:
    databases.empty_main()
    databases.fill(world)
    return databases


def test_killed_driver_publishes_nothing_and_the_next_run_completes(
    spark: SparkSession, source: Databases, world: World, tmp_path: Path
) -> None:
    load = begin(source.source, source.main, "killed")
    driver = submit(source, load["load_id"], "local[2]", tmp_path / "driver.log")
    wait_until(lambda: source.execute("SELECT count(*) FROM candidate.touched") != [(0,)], "the load")
    with psycopg.connect(source.main_owner) as connection, connection.cursor() as cursor:
        # Keeps the load from finishing before it is killed.
        cursor.execute("LOCK TABLE candidate.complete IN SHARE MODE")
        wait_until(lambda: source.execute("SELECT count(*) FROM candidate.fct_play") != [(0,)], "the first candidates")
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait(timeout=60)

    assert source.execute(PUBLISHED) == [(0,)]
    assert source.execute("SELECT count(*) FROM candidate.complete") == [(0,)]
    rejected = publish(source.main, load["load_id"])
    assert rejected["status"] == "rejected" and "are incomplete" in rejected["reason"]

    assert run_load(spark, source, "next")["status"] == "published"
    assert_published(source, world)


def test_load_that_lost_the_candidate_lock_stops_writing(spark: SparkSession, source: Databases, world: World) -> None:
    load = begin(source.source, source.main, "lost lock")
    with (
        ThreadPoolExecutor() as pool,
        psycopg.connect(source.main_owner) as connection,
        connection.cursor() as cursor,
    ):
        computing = pool.submit(compute, spark, source.source, source.main, load["load_id"])
        wait_until(lambda: source.execute("SELECT count(*) FROM candidate.touched") != [(0,)], "the load")
        # Keeps the load from finishing before it loses the lock.
        cursor.execute("LOCK TABLE candidate.complete IN SHARE MODE")
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
            "WHERE locktype = 'advisory' AND datname = current_database()"
        )
        with pytest.raises(DatabaseUnreachable, match="main"):
            computing.result(timeout=300)

    assert (
        source.execute("SELECT count(*) FROM mart.top_item UNION ALL SELECT count(*) FROM candidate.top_item")
        == [(0,)] * 2
    )
    [(status, reason)] = source.execute("SELECT status, reason FROM audit.load WHERE run_id = 'lost lock'")
    assert status == "failed" and "Main ended the session that held the candidate lock" in reason
    assert run_load(spark, source, "next")["status"] == "published"
    assert_published(source, world)


@pytest.fixture(scope="module")
def own_server() -> Iterator[tuple[Postgres, Databases]]:
    """Start a server with a migrated source and main, and return the server and the databases."""
    server = Postgres()
    try:
        for databases in migrated(server.url):
            yield server, databases
    finally:
        server.close()


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "crashed"])
def test_main_restarted_during_publish_has_no_row_of_the_load(
    spark: SparkSession, own_server: tuple[Postgres, Databases], world: World, stop_signal: signal.Signals
) -> None:
    server, databases = own_server
    databases.empty_main()
    databases.fill(world)
    load = begin(databases.source, databases.main, "interrupted")
    compute(spark, databases.source, databases.main, load["load_id"])
    databases.gate(load["load_id"])

    reader = psycopg.connect(databases.main_owner)
    # Publish reaches this table after it has written core and some marts.
    reader.execute("LOCK TABLE mart.listener_summary IN SHARE MODE")
    with ThreadPoolExecutor() as pool:
        publishing = pool.submit(publish, databases.main, load["load_id"])
        blocked = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'audit.publish'"
        wait_until(lambda: databases.execute(blocked) == [(1,)], "publish")
        server.stop(stop_signal)
        with pytest.raises(DatabaseUnreachable, match="closed the connection"):
            publishing.result()
    reader.close()
    server.start()

    assert databases.execute(PUBLISHED) == [(0,)]
    assert databases.execute("SELECT count(*) FROM audit.listener_version") == [(0,)]
    again = publish(databases.main, load["load_id"])
    if stop_signal == signal.SIGINT:
        assert again["status"] == "published"  # The candidates survived, so a retry publishes them.
    else:
        # The candidate tables are unlogged, so the crash emptied them.
        assert again["status"] == "rejected" and "are incomplete" in again["reason"]
        assert run_load(spark, databases, "next")["status"] == "published"
    assert_published(databases, world)


def test_two_concurrent_runs_each_publish_all_or_nothing(spark: SparkSession, source: Databases, world: World) -> None:
    barrier = threading.Barrier(2)

    def run(run_id: str) -> str:
        barrier.wait()
        try:
            return str(run_load(spark, source, run_id)["status"])
        except (LoadError, AssertionError) as error:  # The gate rejects candidates that the other run replaced.
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, ["first", "second"]))

    assert "published" in outcomes, outcomes
    assert_published(source, world)
    assert run_load(spark, source, "next")["listeners_touched"] == 0
