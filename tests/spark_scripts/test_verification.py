"""A night's verification: what a recomputation finds otherwise than published is on record before it is mended."""

import json
import subprocess
import sys
from datetime import date

import pytest

from spark_scripts.begin import Wish, begin
from spark_scripts.etl import compute
from spark_scripts.loads.listener_versions import tenth_of
from tests.spark_scripts.support.databases import ROOT
from tests.spark_scripts.support.runs import settings, whole
from tests.spark_scripts.support.worlds import made_world
from tests.spark_scripts.test_etl import assert_published

pytestmark = pytest.mark.timeout(900)  # Whole loads, on a busy machine.
DAY = date(2026, 11, 25)
FOUND = "SELECT table_name, listener_id, rows_missing, rows_differing, rows_surplus FROM audit.difference ORDER BY 1, 2"


@pytest.fixture(scope="module")
def world():
    return made_world(seed=7, listeners=30)


@pytest.fixture
def published(spark, databases, world):
    databases.forget_main()
    databases.fill(world)
    whole(spark, databases, "first")
    return databases


def verify(spark, databases, day):
    """A night's load up to the gate, and then the command that publishes it, as the scheduler runs it."""
    begun = begin(databases.source, databases.main, f"night {day}", Wish(verify_on=day))
    compute(spark, databases.source, databases.main, begun["load_id"])
    databases.gate(begun["load_id"])
    command = [sys.executable, "-m", "spark_scripts.publish", "--load-id", str(begun["load_id"])]
    return subprocess.run(
        command, cwd=ROOT, env=settings(databases), capture_output=True, text=True, timeout=60, check=False
    )


def spoiled(databases, listener):
    """Rows of a listener changed behind the pipeline's back: one added, one changed, all of a table gone."""
    databases.execute(
        "INSERT INTO mart.artist_streak VALUES (%s, 'nobody', '1999-01-01', '1999-01-02', 2, 2, 1)", (listener,)
    )
    databases.execute("UPDATE mart.listener_summary SET track_count = 99 WHERE listener_id = %s", (listener,))
    gone = databases.execute("DELETE FROM mart.daily_listening WHERE listener_id = %s RETURNING 1", (listener,))
    return len(gone)


def busy_listener(databases, day):
    """Somebody whose turn it is that day and who has rows to spoil."""
    return max(
        tenth_of(day, {name for (name,) in databases.execute("SELECT listener_id FROM mart.listener_summary")}),
        key=lambda name: databases.execute("SELECT count(*) FROM mart.daily_listening WHERE listener_id = %s", (name,)),
    )


def test_a_difference_is_recorded_told_and_mended(spark, published, world):
    listener = busy_listener(published, DAY)
    lost = spoiled(published, listener)

    done = verify(spark, published, DAY)

    assert done.returncode == 3, done.stderr
    assert published.execute(FOUND) == [
        ("mart.artist_streak", listener, 0, 0, 1),
        ("mart.daily_listening", listener, lost, 0, 0),
        ("mart.listener_summary", listener, 0, 1, 0),
    ]
    assert (
        f"mart.listener_summary: rows of {listener} were not what their plays say: 0 missing, 1 differing"
        in done.stderr
    )
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "published"
    assert_published(published, world)


def test_a_night_that_finds_everything_in_order_says_nothing(spark, published):
    done = verify(spark, published, DAY)

    assert (done.returncode, done.stderr) == (0, "")
    assert published.execute(FOUND) == []
    outcome = json.loads(done.stdout.splitlines()[-1])
    assert (
        outcome["listeners_touched"]
        and outcome["rows_inserted"] + outcome["rows_updated"] + outcome["rows_deleted"] == 0
    )


def test_who_changed_may_differ_and_a_name_of_an_item_then_too(spark, published, world):
    changed = busy_listener(published, DAY)
    spoiled(published, changed)
    published.execute("UPDATE core.dim_artist SET name = 'other'")
    with_changes = {
        **world,
        "listener": [row | {"version": 2} if row["listener_id"] == changed else row for row in world["listener"]],
    }
    published.fill(with_changes)

    assert verify(spark, published, DAY).returncode == 0
    assert published.execute(FOUND) == []


def test_items_are_compared_where_nobody_changed(spark, published):
    published.execute("UPDATE core.dim_artist SET name = 'other'")

    done = verify(spark, published, DAY)

    ((table, listener, *_),) = published.execute(FOUND)
    assert (done.returncode, table, listener) == (3, "core.dim_artist", "")
    assert "core.dim_artist: rows of items were not what their plays say" in done.stderr


def test_a_refused_load_mends_nothing_and_says_nothing_of_differences(spark, published):
    spoiled(published, busy_listener(published, DAY))
    begun = begin(published.source, published.main, "night", Wish(verify_on=DAY))
    compute(spark, published.source, published.main, begun["load_id"])
    command = [sys.executable, "-m", "spark_scripts.publish", "--load-id", str(begun["load_id"])]

    done = subprocess.run(
        command, cwd=ROOT, env=settings(published), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 2 and "The gate has not run" in done.stderr
    assert published.execute(FOUND) == []
