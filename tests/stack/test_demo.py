"""The demo ends with the figures that the simulated Spotify counts independently."""

import os
import re
import subprocess

import pytest

from tests.running_stack import LOCAL, PIPELINE_TIMEOUT, PROJECT, runtime
from tests.stack.conftest import Ask, Truth


def test_all_plays_are_in_source_main_and_replica(truth: Truth, ask: Ask) -> None:
    expected = {listener: figures["plays"] for listener, figures in truth.items()}
    for database, table in (("source", "raw.play"), ("main", "core.fct_play"), ("replica", "core.fct_play")):
        counted = ask(
            database, f"SELECT listener_id, count(*) FROM {table} WHERE listener_id = ANY(%s) GROUP BY 1", list(truth)
        )
        assert dict(counted) == expected


def test_half_of_polled_plays_are_already_in_export(truth: Truth, ask: Ask) -> None:
    for listener, figures in truth.items():
        assert figures["api_plays"] == 50 and figures["api_plays_in_export"] == 25
        assert ask("source", "SELECT count(*) FROM raw.play WHERE listener_id = %s AND origin = 'api'", listener) == [
            (25,)
        ]


@pytest.mark.parametrize("figure", ["play_count", "day_count", "track_count", "artist_count", "album_count"])
def test_summary_has_expected_counts(figure: str, truth: Truth, ask: Ask) -> None:
    name = "counted_plays" if figure == "play_count" else figure
    expected = {listener: figures[name] for listener, figures in truth.items()}
    assert (
        dict(
            ask(
                "main",
                f"SELECT listener_id, {figure} FROM mart.listener_summary WHERE listener_id = ANY(%s)",
                list(truth),
            )
        )
        == expected
    )


def test_summary_has_expected_first_and_last_play(truth: Truth, ask: Ask) -> None:
    rows = ask(
        "main",
        "SELECT listener_id, to_char(first_played_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS'), "
        "to_char(last_played_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') FROM mart.listener_summary "
        "WHERE listener_id = ANY(%s)",
        list(truth),
    )
    expected = {
        (listener, figures["first_played_at"][:19], figures["last_played_at"][:19])
        for listener, figures in truth.items()
    }
    assert set(rows) == expected


def test_marts_have_expected_days_albums_and_streaks(truth: Truth, ask: Ask) -> None:
    for listener, figures in truth.items():
        assert ask(
            "main", "SELECT sum(play_count), count(*) FROM mart.daily_listening WHERE listener_id = %s", listener
        ) == [(figures["counted_plays"], figures["day_count"])]
        assert ask(
            "main", "SELECT count(*) FROM mart.album_completion WHERE listener_id = %s AND completion = 1", listener
        ) == [(figures["completed_album_count"],)]
        assert ask(
            "main", "SELECT count(*), max(day_count) FROM mart.artist_streak WHERE listener_id = %s", listener
        ) == [(figures["artist_streak_count"], figures["longest_artist_streak_days"])]
        assert ask(
            "main", "SELECT longest_streak_days FROM mart.listener_summary WHERE listener_id = %s", listener
        ) == [(figures["longest_streak_days"],)]


def test_no_check_failed_and_gate_checked_every_load(ask: Ask) -> None:
    assert ask("main", "SELECT count(*) FROM audit.check_result WHERE outcome = 'fail'") == [(0,)]
    published = ask("main", "SELECT load_id FROM audit.load WHERE status = 'published' AND rows_inserted > 0")
    gated = ask("main", "SELECT DISTINCT load_id FROM audit.check_result")
    assert published and set(published) <= set(gated)


def test_demo_prints_plays_marts_gate_results_and_addresses(demo: str, truth: Truth) -> None:
    plays = f"{sum(figures['plays'] for figures in truth.values()):,}"
    assert re.search(rf"plays\W+{plays}\W+{plays}\W+{plays}", demo)
    for shown in ("mart.artist_streak", "fct_play", "equal to main", "http://127.0.0.1:23000/", "seconds"):
        assert shown in demo


def test_verify_replica_succeeds_and_is_recorded(ask: Ask) -> None:
    before = ask("main", "SELECT count(*) FROM audit.replica_check WHERE outcome = 'equal'")[0][0]
    done = runtime("verify-replica")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ask("main", "SELECT count(*) >= %s FROM audit.replica_check WHERE outcome = 'equal'", before + 1) == [
        (True,)
    ]
    # The comparison of a second verification includes the record of the first one.
    done = runtime("verify-replica")
    assert done.returncode == 0, done.stdout + done.stderr


def test_dag_verifies_the_replica(ask: Ask) -> None:
    before = ask("main", "SELECT count(*) FROM audit.replica_check WHERE outcome = 'equal'")[0][0]
    run_dag = (
        "from runtime.definition.stack import current_stack; from runtime.operations.airflow import Airflow; "
        "print(Airflow(current_stack().settings()).run('replica_verification').state)"
    )
    environment = os.environ | {"STACK": "test", "PYTHONPATH": str(PROJECT)}
    command = [str(LOCAL / "env/runtime/bin/python"), "-c", run_dag]
    done = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=PIPELINE_TIMEOUT
    )
    assert done.stdout.strip() == "success", done.stderr
    assert ask("main", "SELECT count(*) > %s FROM audit.replica_check WHERE outcome = 'equal'", before) == [(True,)]


def test_second_demo_writes_no_rows(ask: Ask, truth: Truth) -> None:
    before = ask("main", "SELECT * FROM mart.listener_summary ORDER BY 1")
    done = runtime("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert ask(
        "main", "SELECT rows_inserted + rows_updated + rows_deleted FROM audit.load ORDER BY load_id DESC LIMIT 1"
    ) == [(0,)]
    assert ask("main", "SELECT * FROM mart.listener_summary ORDER BY 1") == before
    plays = sum(figures["plays"] for figures in truth.values())
    assert ask("source", "SELECT count(*) FROM raw.play WHERE listener_id = ANY(%s)", list(truth)) == [(plays,)]


def test_status_reports_healthy_services() -> None:
    done = runtime("status")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unhealthy" not in done.stdout and "published" in done.stdout
    assert "Replica: proven equal to main" in done.stdout
