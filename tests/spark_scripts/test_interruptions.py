"""Killed, cut off, started twice: main never shows half a load, and the next run completes it."""

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg2
import pytest

from spark_scripts.begin import begin
from spark_scripts.errors import DatabaseUnreachable, LoadError
from spark_scripts.etl import compute
from spark_scripts.publish import publish
from tests.spark_scripts.support.databases import migrated
from tests.spark_scripts.support.runs import submit, whole
from tests.spark_scripts.support.servers import Postgres, wait_until
from tests.spark_scripts.support.worlds import made_world
from tests.spark_scripts.test_etl import assert_published

pytestmark = pytest.mark.timeout(900)  # Whole loads, on a busy machine.
PUBLISHED = "SELECT count(*) FROM core.fct_play"


@pytest.fixture(scope="module")
def world():
    return made_world(seed=5, listeners=20)


@pytest.fixture
def source(databases, world):
    databases.forget_main()
    databases.fill(world)
    return databases


def test_a_driver_killed_half_way_publishes_nothing_and_the_next_run_completes_it(spark, source, world, tmp_path):
    begun = begin(source.source, source.main, "killed")
    driver = submit(source, begun["load_id"], "local[2]", tmp_path / "driver.log")
    wait_until(lambda: source.execute("SELECT count(*) FROM candidate.touched") != [(0,)], "the load")
    with psycopg2.connect(source.main_owner) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE candidate.complete IN SHARE MODE")  # So that it cannot end before it is killed.
        wait_until(lambda: source.execute("SELECT count(*) FROM candidate.fct_play") != [(0,)], "the first candidates")
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait(timeout=60)

    assert source.execute(PUBLISHED) == [(0,)]
    assert source.execute("SELECT count(*) FROM candidate.complete") == [(0,)]
    refused = publish(source.main, begun["load_id"])
    assert refused["status"] == "rejected" and "not complete" in refused["reason"]

    assert whole(spark, source, "next")["status"] == "published"
    assert_published(source, world)


def test_a_load_that_lost_its_hold_on_the_candidates_writes_no_more(spark, source, world):
    begun = begin(source.source, source.main, "cut off")
    with (
        ThreadPoolExecutor() as pool,
        psycopg2.connect(source.main_owner) as connection,
        connection.cursor() as cursor,
    ):
        computing = pool.submit(compute, spark, source.source, source.main, begun["load_id"])
        wait_until(lambda: source.execute("SELECT count(*) FROM candidate.touched") != [(0,)], "the load")
        cursor.execute("LOCK TABLE candidate.complete IN SHARE MODE")  # So that it cannot end before it is cut off.
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
    [(status, reason)] = source.execute("SELECT status, reason FROM audit.load WHERE run_id = 'cut off'")
    assert status == "failed" and "Main ended the session that held the candidates" in reason
    assert whole(spark, source, "next")["status"] == "published"
    assert_published(source, world)


@pytest.fixture(scope="module")
def own_server():
    """A server with a migrated source and main on it, and these."""
    server = Postgres()
    try:
        for databases in migrated(server.url):
            yield server, databases
    finally:
        server.close()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["restarted", "cut off"])
def test_main_restarted_while_a_load_is_published_holds_nothing_of_it(spark, own_server, world, how):
    server, databases = own_server
    databases.forget_main()
    databases.fill(world)
    begun = begin(databases.source, databases.main, "broken off")
    compute(spark, databases.source, databases.main, begun["load_id"])
    databases.gate(begun["load_id"])

    reader = psycopg2.connect(databases.main_owner)
    reader.cursor().execute(
        "LOCK TABLE mart.listener_summary IN SHARE MODE"
    )  # core and some marts are written by then.
    with ThreadPoolExecutor() as pool:
        publishing = pool.submit(publish, databases.main, begun["load_id"])
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'audit.publish'"
        wait_until(lambda: databases.execute(waits) == [(1,)], "publish")
        server.stop(how)
        with pytest.raises(DatabaseUnreachable, match="broke off"):
            publishing.result()
    reader.close()
    server.start()

    assert databases.execute(PUBLISHED) == [(0,)]
    assert databases.execute("SELECT count(*) FROM audit.listener_version") == [(0,)]
    again = publish(databases.main, begun["load_id"])
    if how == signal.SIGINT:
        assert again["status"] == "published"  # The candidates are still there: a retry suffices.
    else:
        assert again["status"] == "rejected" and "compute them again" in again["reason"]  # They were unlogged.
        assert whole(spark, databases, "next")["status"] == "published"
    assert_published(databases, world)


def test_of_two_runs_at_once_each_publishes_whole_or_nothing(spark, source, world):
    together = threading.Barrier(2)

    def run(run_id):
        together.wait()
        try:
            return whole(spark, source, run_id)["status"]
        except (LoadError, AssertionError) as error:  # The gate, too, refuses candidates that made way.
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(run, ["one", "other"]))

    assert "published" in ended, ended
    assert_published(source, world)
    assert whole(spark, source, "next")["listeners_touched"] == 0
