"""The checks of a load's candidates. The examples are in `examples/`; each invalid one makes valid candidates invalid."""

import os
import subprocess
import sys
from pathlib import Path

import catalog
import check_files
import gate
import pytest
import table_scan
from conftest import ROOT, Execute, kill_this_process
from gate_examples import InvalidExample, invalid_examples

VERDICTS = "SELECT table_name, check_name, outcome, rows_failed FROM audit.check_result WHERE load_id = 7"
NOT_PASSED = f"{VERDICTS} AND outcome <> 'pass' ORDER BY table_name, check_name"


def test_valid_load_passes_every_check_of_every_table(main: Execute, capsys: pytest.CaptureFixture[str]) -> None:
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


INVALID_EXAMPLES = invalid_examples()
PERIODS = {  # In how many of them the load has plays: one or two.
    "months": "SELECT count(DISTINCT date_trunc('month', played_on)) FROM candidate.fct_play",
    "years": "SELECT count(DISTINCT date_trunc('year', played_on)) FROM candidate.fct_play",
}


@pytest.mark.parametrize("example", INVALID_EXAMPLES, ids=lambda example: f"{example.table}: {example.name}")
def test_gate_refuses_invalid_load_and_reports_its_rows(
    example: InvalidExample, main: Execute, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = main(PERIODS[example.rows])[0][0] if example.rows in PERIODS else example.rows
    main(example.statement)

    assert gate.main(["load", "7"]) == 1

    assert (example.table, example.check, "fail", rows) in main(NOT_PASSED)
    report = f"{example.table}: '{example.check}' failed on {rows} row"
    reported = [line for line in capsys.readouterr().out.splitlines() if report in line]
    assert len(reported) == 1 and example.shown in reported[0]


def test_every_mart_check_has_a_failing_example() -> None:
    written = {
        (f"mart.{path.stem}", settings["name"])
        for path in (check_files.CHECKS / "mart").glob("*.yml")
        for check in check_files.read(path, 3)[f"checks for {path.stem}"]
        for settings in check.values()
    }

    assert written - {(example.table, example.check) for example in INVALID_EXAMPLES} == set()


def test_warning_is_reported_and_the_load_passes(main: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        "INSERT INTO core.fct_play SELECT (jsonb_populate_record(play, jsonb_build_object('play_id', n))).* "
        "FROM candidate.fct_play AS play, generate_series(1, 5) AS n WHERE track_id = 'first'"
    )

    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == [("core.fct_play", "no listener loses more than half of their plays", "warn", 1)]
    out = capsys.readouterr().out
    assert "Load 7 passed the gate with warnings." in out and "published=5 candidates=2" in out


def test_overlong_play_and_tenfold_play_count_give_warnings(main: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        "INSERT INTO core.fct_play SELECT (jsonb_populate_record(play, jsonb_build_object('play_id', n))).* "
        "FROM candidate.fct_play AS play, generate_series(1, 100) AS n WHERE track_id = 'first'; "
        # Episodes, so that no mart counts them: a minute apart, of two minutes, one a millisecond longer.
        "INSERT INTO candidate.fct_play SELECT (jsonb_populate_record(play, jsonb_build_object("
        "'play_id', lpad(n::text, 64, '0'), 'kind', 'episode', 'is_counted', false, 'artist_id', null, 'album_id', null, "
        "'ms_played', ms, 'listened_ms', ms, 'ended_at', ended_at + n * interval '1 minute', "
        "'started_at', ended_at + n * interval '1 minute' - ms * interval '1 millisecond'))).* "
        "FROM candidate.fct_play AS play, generate_series(1, 999) AS n, "
        "LATERAL (SELECT CASE n WHEN 500 THEN 120001 ELSE 120000 END AS ms) AS length WHERE track_id = 'second'; "
        "UPDATE candidate.fct_play SET hour = extract(hour FROM ended_at AT TIME ZONE 'UTC'), "
        "played_on = (ended_at AT TIME ZONE 'UTC')::date, iso_weekday = extract(isodow FROM ended_at AT TIME ZONE 'UTC')"
    )

    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == [
        ("core.fct_play", "a play exceeds the time since the previous play's end by at most one minute", "warn", 1),
        ("core.fct_play", "no listener has ten times the plays published before", "warn", 1),
    ]
    assert "published=100 candidates=1001" in capsys.readouterr().out


def test_second_scan_replaces_earlier_verdicts(main: Execute) -> None:
    main("UPDATE candidate.artist_streak SET day_count = 3")
    gate.main(["load", "7"])
    main("UPDATE candidate.artist_streak SET day_count = 2")

    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == []


def test_report_counts_failing_rows_and_shows_three(main: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    main(
        "INSERT INTO candidate.coverage SELECT 'bob', now() - n * interval '1 day', now(), 'polled', 7 FROM generate_series(1, 20000) AS n"
    )

    assert gate.main(["load", "7"]) == 1

    line = next(line for line in capsys.readouterr().out.splitlines() if "every listener is recomputed" in line)
    assert "on 20000 rows" in line and line.count("listener_id=bob") == 3 and line.endswith("; ...")


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DELETE FROM audit.load", "Load 7 does not exist: start one first."),
        ("DELETE FROM candidate.complete", "The candidates of load 7 are incomplete: run the transformation again."),
        ("UPDATE candidate.complete SET load_id = 8", "The candidates of load 7 were replaced by those of load 8."),
        ("UPDATE audit.load SET status = 'published'", "Load 7 is already published: there is nothing to check."),
    ],
)
def test_load_that_cannot_be_checked_is_reported_in_one_sentence(
    statement: str, sentence: str, main: Execute, capsys: pytest.CaptureFixture[str]
) -> None:
    main(statement)

    assert gate.main(["load", "7"]) == 3

    assert capsys.readouterr().err == f"{sentence}\n"
    assert main(VERDICTS) == []


def test_table_without_check_file_stops_the_gate(main: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    main("CREATE TABLE mart.unchecked (listener_id text PRIMARY KEY, load_id bigint NOT NULL)")
    try:
        assert gate.main(["load", "7"]) == 3
    finally:
        main("DROP TABLE mart.unchecked")

    assert capsys.readouterr().err == "Table unchecked has no check file: write soda/checks/mart/unchecked.yml.\n"


def test_check_that_cannot_run_leaves_no_verdicts(main: Execute, capsys: pytest.CaptureFixture[str]) -> None:
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


@pytest.fixture
def large_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Treat every table with a row as large, so that each is scanned alone and in parallel."""
    monkeypatch.setattr(catalog, "LARGE_TABLE", 0)


def test_parallel_scans_give_the_same_verdicts(
    main: Execute, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    main("UPDATE candidate.daily_listening SET play_count = play_count + 1")
    assert gate.main(["load", "7"]) == 1
    verdicts, first_report = sorted(main(VERDICTS)), capsys.readouterr().out

    monkeypatch.setattr(catalog, "LARGE_TABLE", 0)
    assert gate.main(["load", "7"]) == 1

    assert sorted(main(VERDICTS)) == verdicts
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(first_report.splitlines())


def test_check_that_cannot_run_in_parallel_scan_leaves_no_verdicts(
    main: Execute, large_tables: None, capsys: pytest.CaptureFixture[str]
) -> None:
    main("ALTER TABLE candidate.artist_streak RENAME COLUMN ended_on TO ends_on")
    try:
        assert gate.main(["load", "7"]) == 3
    finally:
        main("ALTER TABLE candidate.artist_streak RENAME COLUMN ends_on TO ended_on")

    assert capsys.readouterr().err.startswith("The gate could not run a check of artist_streak: ")
    assert main(VERDICTS) == []


def test_killed_scan_process_leaves_no_verdicts(
    main: Execute, large_tables: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_scan, "scan", kill_this_process)
    assert gate.main(["load", "7"]) == 3

    assert "was killed" in capsys.readouterr().err
    assert main(VERDICTS) == []


def test_command_sends_no_usage_statistics_and_writes_nothing_to_home(main: Execute, tmp_path: Path) -> None:
    """Run the gate like the DAG: in its own process, from the project's folder."""

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
