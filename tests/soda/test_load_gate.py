"""What a load must be before it is published, on candidates that are in order but for what a test poisons."""

import subprocess
import sys

import gate
import pytest
from conftest import ROOT

VERDICTS = "SELECT table_name, check_name, outcome, rows_failed FROM audit.check_result WHERE load_id = 7"
NOT_PASSED = f"{VERDICTS} AND outcome <> 'pass' ORDER BY table_name, check_name"


def test_a_load_in_order_passes_every_check_of_every_table(main, capsys):
    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == []
    checked = {table for (table, *_) in main(VERDICTS)}
    assert checked == {
        f"{schema}.{table}"
        for schema, table in main(
            "SELECT nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE nspname IN ('core', 'mart') AND relkind = 'r'"
        )
    }
    assert "Load 7 passed the gate." in capsys.readouterr().out


POISONS = {
    "a key that occurs twice": (
        "INSERT INTO candidate.daily_listening SELECT * FROM candidate.daily_listening ORDER BY played_on LIMIT 1",
        "mart.daily_listening",
        "the key is unique",
        1,
        "played_on=",
    ),
    "a play whose track is not there": (
        "DELETE FROM candidate.dim_track WHERE track_id = 'second'",
        "core.fct_play",
        "the track is there",
        1,
        "track_id=second",
    ),
    "a play whose track is there but about to go": (
        "INSERT INTO core.dim_track SELECT * FROM candidate.dim_track; DELETE FROM candidate.dim_track",
        "core.fct_play",
        "the track is there",
        2,
        "track_id=first",
    ),
    "a share that is no number": (
        "UPDATE candidate.album_completion SET completion = 'NaN'",
        "mart.album_completion",
        "completion is 0 to 1",
        1,
        "completion=NaN",
    ),
    "a day in the year 2100": (
        "UPDATE candidate.daily_listening SET played_on = '2100-01-01' WHERE played_on IN "
        "(SELECT max(played_on) FROM candidate.daily_listening)",
        "mart.daily_listening",
        "no day is in the future",
        1,
        "played_on=2100-01-01",
    ),
    "a required column that is empty": (
        "UPDATE candidate.fct_play SET kind = NULL",
        "core.fct_play",
        "required columns are filled",
        2,
        "play_id=",
    ),
    "a row of somebody whom the load does not touch": (
        "UPDATE candidate.coverage SET listener_id = 'bob'",
        "core.coverage",
        "every listener is touched by this load",
        1,
        "listener_id=bob",
    ),
    "a row that another load left": (
        "UPDATE candidate.dim_artist SET load_id = 6",
        "core.dim_artist",
        "every row is of this load",
        1,
        "load_id=6",
    ),
    "totals that do not reconcile with the plays": (
        "UPDATE candidate.listener_summary SET play_count = 3",
        "mart.listener_summary",
        "totals are those of the counted plays",
        1,
        "counted_plays=2",
    ),
    "a day that was lost": (
        "DELETE FROM candidate.daily_listening WHERE played_on IN (SELECT min(played_on) FROM candidate.daily_listening)",
        "mart.daily_listening",
        "each day holds the counted plays of that day",
        1,
        "counted_plays=1",
    ),
    "a streak that claims a day too many": (
        "UPDATE candidate.artist_streak SET day_count = 3",
        "mart.artist_streak",
        "a run spans exactly its days",
        1,
        "day_count=3",
    ),
    "streaks that touch": (
        "INSERT INTO candidate.artist_streak SELECT 'ana', 'artist', ended_on + 1, ended_on + 2, 2, 2, 7 FROM candidate.artist_streak",
        "mart.artist_streak",
        "runs of an artist neither overlap nor touch",
        1,
        "ended_before=",
    ),
    "sessions that are one": (
        "UPDATE candidate.listening_session SET ended_at = ended_at + interval '23 hours 26 minutes 40 seconds'",
        "mart.listening_session",
        "more than 30 minutes lie between sessions",
        1,
        "ended_before=",
    ),
    "a play on another day than its listener's": (
        "UPDATE candidate.dim_listener SET time_zone = 'Pacific/Kiritimati'",
        "core.fct_play",
        "day, weekday and hour are local to the listener",
        2,
        "time_zone=Pacific/Kiritimati",
    ),
    "a dim row that others need": (
        "INSERT INTO core.fct_play SELECT (jsonb_populate_record(play, "
        '\'{"listener_id": "bob", "track_id": "third"}\')).* FROM candidate.fct_play AS play LIMIT 1; '
        "INSERT INTO candidate.touched_id VALUES ('track', 'third')",
        "core.dim_track",
        "a track that others' plays refer to stays",
        1,
        "track_id=third",
    ),
}


@pytest.mark.parametrize("poison", POISONS)
def test_the_gate_names_the_check_and_the_rows_of(poison, main, capsys):
    statement, table, check, rows, sample = POISONS[poison]
    main(statement)

    assert gate.main(["load", "7"]) == 2

    assert (table, check, "fail", rows) in main(NOT_PASSED)
    told = [line for line in capsys.readouterr().out.splitlines() if f"{table}: '{check}' failed on {rows} row" in line]
    assert len(told) == 1 and sample in told[0]


def test_a_warning_is_told_and_lets_the_load_pass(main, capsys):
    main(
        "INSERT INTO core.fct_play SELECT (jsonb_populate_record(play, jsonb_build_object('play_id', n))).* "
        "FROM candidate.fct_play AS play, generate_series(1, 5) AS n WHERE track_id = 'first'"
    )

    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == [("core.fct_play", "no listener loses more than half of their plays", "warn", 1)]
    out = capsys.readouterr().out
    assert "Load 7 passed the gate with warnings." in out and "published=5 candidates=2" in out


def test_a_second_scan_replaces_the_verdicts_of_the_first(main):
    main("UPDATE candidate.artist_streak SET day_count = 3")
    gate.main(["load", "7"])
    main("UPDATE candidate.artist_streak SET day_count = 2")

    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == []


def test_many_bad_rows_are_counted_and_three_are_named(main, capsys):
    main(
        "INSERT INTO candidate.coverage SELECT 'bob', now() - n * interval '1 day', now(), 'polled', 7 FROM generate_series(1, 20000) AS n"
    )

    assert gate.main(["load", "7"]) == 2

    line = next(line for line in capsys.readouterr().out.splitlines() if "every listener is touched" in line)
    assert "on 20000 rows" in line and line.count("listener_id=bob") == 3 and line.endswith("; ...")


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM audit.load", "There is no load 7: begin one first."),
        ("DELETE FROM candidate.complete", "The candidates of load 7 are not complete: run the transformation again."),
        ("UPDATE candidate.complete SET load_id = 8", "The candidates of load 7 made way for those of load 8."),
        ("UPDATE audit.load SET status = 'published'", "Load 7 is published already: there is nothing left to check."),
    ],
)
def test_what_cannot_be_judged_is_said_in_one_sentence(statement, sentence, main, capsys):
    main(statement)

    assert gate.main(["load", "7"]) == 3

    assert capsys.readouterr().err == f"{sentence}\n"
    assert main(VERDICTS) == []


def test_a_table_without_checks_keeps_every_load_out(main, capsys):
    main("CREATE TABLE mart.unchecked (listener_id text PRIMARY KEY, load_id bigint NOT NULL)")
    try:
        assert gate.main(["load", "7"]) == 3
    finally:
        main("DROP TABLE mart.unchecked")

    assert capsys.readouterr().err == "Nothing checks table unchecked: write soda/checks/mart/unchecked.yml.\n"


def test_a_check_that_cannot_run_leaves_no_verdict(main, capsys):
    gate.main(["load", "7"])
    capsys.readouterr()
    main("ALTER TABLE candidate.artist_streak RENAME COLUMN ended_on TO ends_on")
    try:
        assert gate.main(["load", "7"]) == 3
    finally:
        main("ALTER TABLE candidate.artist_streak RENAME COLUMN ends_on TO ended_on")

    error = capsys.readouterr().err
    assert error.startswith("The gate could not run a check of artist_streak: ") and error.count("\n") == 1
    assert main(VERDICTS) == []


def test_an_unreachable_database_is_said_without_its_password(monkeypatch, capsys):
    monkeypatch.setenv("GATE_MAIN_DATABASE_URL", "postgresql://gate:hidden@127.0.0.1:1/main")

    assert gate.main(["load", "7"]) == 3

    error = capsys.readouterr().err
    assert error.startswith("The gate cannot reach its database: ") and error.count("\n") == 1 and "hidden" not in error


@pytest.mark.parametrize("url", [None, "", "mysql://gate:hidden@nowhere"])
def test_a_missing_or_unreadable_setting_is_named(url, monkeypatch, capsys):
    monkeypatch.delenv("GATE_MAIN_DATABASE_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("GATE_MAIN_DATABASE_URL", url)

    assert gate.main(["load", "7"]) == 3

    error = capsys.readouterr().err
    assert "GATE_MAIN_DATABASE_URL" in error and "hidden" not in error


def test_the_command_reports_nothing_to_its_maker_and_writes_nothing_at_home(main, tmp_path):
    """Run as the DAG runs it: a process of its own, from the project's folder."""
    import os

    done = subprocess.run(
        [sys.executable, "soda/gate.py", "load", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "https_proxy": "http://127.0.0.1:1"},
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "mart.artist_streak" in done.stdout
    assert list(tmp_path.iterdir()) == []
