"""The checks of a load's candidates. Each example makes valid candidates invalid."""

import os
import signal
import subprocess
import sys

import catalog
import check_files
import gate
import pytest
import table_scan
from conftest import ROOT

VERDICTS = "SELECT table_name, check_name, outcome, rows_failed FROM audit.check_result WHERE load_id = 7"
NOT_PASSED = f"{VERDICTS} AND outcome <> 'pass' ORDER BY table_name, check_name"


def test_valid_load_passes_every_check_of_every_table(main, capsys):
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


INVALID_EXAMPLES = {
    "a key that occurs twice": (
        "INSERT INTO candidate.daily_listening SELECT * FROM candidate.daily_listening ORDER BY played_on LIMIT 1",
        "mart.daily_listening",
        "the key is unique",
        1,
        "played_on=",
    ),
    "a play whose track has no row": (
        "DELETE FROM candidate.dim_track WHERE track_id = 'second'",
        "core.fct_play",
        "every track has a row in dim_track",
        1,
        "track_id=second",
    ),
    "a play whose track is about to be deleted": (
        "INSERT INTO core.dim_track SELECT * FROM candidate.dim_track; DELETE FROM candidate.dim_track",
        "core.fct_play",
        "every track has a row in dim_track",
        2,
        "track_id=first",
    ),
    "a completion that is NaN": (
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
        "played_on is not in the future",
        1,
        "played_on=2100-01-01",
    ),
    "a null in a required column": (
        "UPDATE candidate.fct_play SET kind = NULL",
        "core.fct_play",
        "required columns are not null",
        2,
        "play_id=",
    ),
    "a row of a listener outside the load": (
        "UPDATE candidate.coverage SET listener_id = 'bob'",
        "core.coverage",
        "every listener is recomputed by this load",
        1,
        "listener_id=bob",
    ),
    "a row of another load": (
        "UPDATE candidate.dim_artist SET load_id = 6",
        "core.dim_artist",
        "every row belongs to this load",
        1,
        "load_id=6",
    ),
    "totals that differ from the plays": (
        "UPDATE candidate.listener_summary SET play_count = 3",
        "mart.listener_summary",
        "totals agree with the counted plays",
        1,
        "counted_plays=2",
    ),
    "a missing day": (
        "DELETE FROM candidate.daily_listening WHERE played_on IN (SELECT min(played_on) FROM candidate.daily_listening)",
        "mart.daily_listening",
        "each day agrees with its counted plays",
        1,
        "counted_plays=1",
    ),
    "a streak with a wrong day count": (
        "UPDATE candidate.artist_streak SET day_count = 3",
        "mart.artist_streak",
        "day_count is the number of days from started_on to ended_on",
        1,
        "day_count=3",
    ),
    "adjoining streaks": (
        "INSERT INTO candidate.artist_streak SELECT 'ana', 'artist', ended_on + 1, ended_on + 2, 2, 2, 7 FROM candidate.artist_streak",
        "mart.artist_streak",
        "runs of an artist neither overlap nor adjoin",
        1,
        "ended_before=",
    ),
    "sessions less than 30 minutes apart": (
        "UPDATE candidate.listening_session SET ended_at = ended_at + interval '23 hours 26 minutes 40 seconds'",
        "mart.listening_session",
        "sessions are more than 30 minutes apart",
        1,
        "ended_before=",
    ),
    "a play on a day of another time zone": (
        "UPDATE candidate.dim_listener SET time_zone = 'Pacific/Kiritimati'",
        "core.fct_play",
        "day, weekday and hour are in the listener's time zone",
        2,
        "time_zone=Pacific/Kiritimati",
    ),
    "a removed artist of another listener's play": (
        "INSERT INTO core.fct_play SELECT (jsonb_populate_record(play, "
        '\'{"listener_id": "bob", "track_id": "third"}\')).* FROM candidate.fct_play AS play LIMIT 1; '
        "INSERT INTO candidate.touched_id VALUES ('track', 'third')",
        "core.dim_track",
        "a track that other listeners' plays refer to is not removed",
        1,
        "track_id=third",
    ),
    "a duplicate key of a monthly table": (
        "INSERT INTO candidate.break_distribution SELECT * FROM candidate.break_distribution",
        "mart.break_distribution",
        "the key is unique",
        1,
        "break_class=",
    ),
    "an hour above 23": (
        "UPDATE candidate.listening_clock SET hour = 24",
        "mart.listening_clock",
        "iso_weekday is 1 to 7, hour is 0 to 23, and month is the first day of a month",
        2,
        "hour=24",
    ),
    "an hour without plays": (
        "UPDATE candidate.listening_clock SET play_count = 0",
        "mart.listening_clock",
        "counts are consistent with each other",
        2,
        "play_count=0",
    ),
    "a missing hour": (
        "DELETE FROM candidate.listening_clock",
        "mart.listening_clock",
        "the hours of a month agree with its counted plays",
        "months",
        "plays_of_days=",
    ),
    "hours on a wrong weekday": (
        "UPDATE candidate.listening_clock SET iso_weekday = iso_weekday % 7 + 1 "
        "WHERE iso_weekday IN (SELECT iso_weekday FROM candidate.fct_play ORDER BY ended_at DESC LIMIT 1)",
        "mart.listening_clock",
        "the weekdays of a month agree with daily_listening",
        2,
        "plays_of_days=1",
    ),
    "a listening streak with a wrong day count": (
        "UPDATE candidate.listening_streak SET day_count = 3",
        "mart.listening_streak",
        "day_count is the number of days from started_on to ended_on",
        1,
        "day_count=3",
    ),
    "a streak without a play on each day": (
        "UPDATE candidate.listening_streak SET play_count = 1",
        "mart.listening_streak",
        "a run has at least 1 day and at least one play per day",
        1,
        "play_count=1",
    ),
    "a streak that ends in the year 2100": (
        "UPDATE candidate.listening_streak SET ended_on = '2100-01-01'",
        "mart.listening_streak",
        "a run does not end in the future",
        1,
        "ended_on=2100-01-01",
    ),
    "one streak split into two": (
        "UPDATE candidate.listening_streak SET ended_on = started_on, day_count = 1, play_count = 1; "
        "INSERT INTO candidate.listening_streak SELECT 'ana', ended_on + 1, ended_on + 1, 1, 1, 7 FROM candidate.listening_streak",
        "mart.listening_streak",
        "runs neither overlap nor adjoin",
        1,
        "ended_before=",
    ),
    "a streak over days without a play": (
        "UPDATE candidate.listening_streak SET started_on = started_on - 2, day_count = 4, play_count = 4",
        "mart.listening_streak",
        "play_count of a run is the sum of its days",
        1,
        "plays_of_days=2",
    ),
    "a streak longer than longest_streak_days": (
        "UPDATE candidate.listener_summary SET longest_streak_days = 1",
        "mart.listening_streak",
        "the runs agree with day_count and longest_streak_days of listener_summary",
        1,
        "longest=2",
    ),
    "an unknown class of break": (
        "UPDATE candidate.break_distribution SET break_class = 'endless'",
        "mart.break_distribution",
        "break_class is continuous, short or long",
        1,
        "break_class=endless",
    ),
    "a share of breaks that is NaN": (
        "UPDATE candidate.break_distribution SET share = 'NaN'",
        "mart.break_distribution",
        "a share is above 0 and at most 1",
        1,
        "share=NaN",
    ),
    "shares of breaks that do not sum to 1": (
        "UPDATE candidate.break_distribution SET share = 0.5",
        "mart.break_distribution",
        "the shares of a month sum to 1",
        1,
        "shares=0.5",
    ),
    "a share that differs from its breaks": (
        "INSERT INTO candidate.break_distribution SELECT 'ana', month, 'short', 1, 0, 7 FROM candidate.break_distribution",
        "mart.break_distribution",
        "share is break_count divided by the pauses of the month",
        2,
        "month_count=2",
    ),
    "breaks in a month without plays": (
        "UPDATE candidate.break_distribution SET month = month - interval '1 year'",
        "mart.break_distribution",
        "a month has at most as many pauses as counted plays",
        1,
        "break_count=1",
    ),
    "a missing break": (
        "DELETE FROM candidate.break_distribution",
        "mart.break_distribution",
        "there is one pause for every counted play but the first",
        1,
        "play_count=2",
    ),
    "a popularity bracket above 9": (
        "UPDATE candidate.popularity_distribution SET popularity_bracket = 10",
        "mart.popularity_distribution",
        "popularity_bracket is -1 to 9",
        "months",
        "popularity_bracket=10",
    ),
    "a share of popularity that is NaN": (
        "UPDATE candidate.popularity_distribution SET share = 'NaN'",
        "mart.popularity_distribution",
        "a share is above 0 and at most 1",
        "months",
        "share=NaN",
    ),
    "shares of popularity that do not sum to 1": (
        "UPDATE candidate.popularity_distribution SET share = 0.9",
        "mart.popularity_distribution",
        "the shares of a month sum to 1",
        "months",
        "shares=0.9",
    ),
    "plays missing from all popularity brackets": (
        "DELETE FROM candidate.popularity_distribution",
        "mart.popularity_distribution",
        "the brackets of a month agree with its counted plays and shares",
        "months",
        "plays_of_days=",
    ),
    "a bucket of another dimension": (
        "UPDATE candidate.listening_preference SET bucket = 'clean' WHERE dimension = 'shuffle'",
        "mart.listening_preference",
        "the bucket is one of its dimension",
        "months",
        "bucket=clean",
    ),
    "a share of a bucket that is NaN": (
        "UPDATE candidate.listening_preference SET share = 'NaN' WHERE dimension = 'platform'",
        "mart.listening_preference",
        "a share is above 0 and at most 1",
        "months",
        "share=NaN",
    ),
    "shares of a dimension that do not sum to 1": (
        "UPDATE candidate.listening_preference SET share = 0.99 WHERE dimension = 'season'",
        "mart.listening_preference",
        "the shares of a month and dimension sum to 1",
        "months",
        "shares=0.99",
    ),
    "a missing dimension": (
        "DELETE FROM candidate.listening_preference WHERE dimension = 'release_year'",
        "mart.listening_preference",
        "the buckets of each of the 8 dimensions add up to the month's plays",
        "months",
        "dimension=release_year",
    ),
    "a share that differs from its plays": (
        "UPDATE candidate.listening_preference SET share = 0.99999 WHERE dimension = 'duration'",
        "mart.listening_preference",
        "share is play_count divided by the month's plays",
        "months",
        "share=0.99999",
    ),
    "a year that starts in mid-year": (
        "UPDATE candidate.top_item SET period_start = period_start + 40 WHERE period = 'all'",
        "mart.top_item",
        "period_start is the first day of the period",
        4,
        "period=all",
    ),
    "a year in the future": (
        "UPDATE candidate.top_item SET period_start = '2100-01-01' WHERE period = 'year' AND item_kind = 'album'",
        "mart.top_item",
        "period_start is not in the future",
        "years",
        "period_start=2100-01-01",
    ),
    "an item without a play": (
        "UPDATE candidate.top_item SET play_count = 0 WHERE period = 'all' AND item_kind = 'album'",
        "mart.top_item",
        "counts are consistent with each other",
        1,
        "play_count=0",
    ),
    "a missing rank": (
        "UPDATE candidate.top_item SET rank = 3 WHERE period = 'all' AND rank = 2",
        "mart.top_item",
        "ranks count from 1 to at most 100 without a gap, and each item has one rank",
        1,
        "last=3",
    ),
    "swapped ranks": (
        "UPDATE candidate.top_item SET rank = 3 - rank WHERE period = 'all' AND item_kind = 'track'",
        "mart.top_item",
        "ranks follow play_count, listened_ms and item_id",
        2,
        "place=",
    ),
    "an item without a dimension row": (
        "UPDATE candidate.top_item SET item_id = 'nobody' WHERE period = 'all' AND item_kind = 'artist'",
        "mart.top_item",
        "every item has a row in its dimension",
        1,
        "item_id=nobody",
    ),
    "a track missing from the all-time ranking": (
        "DELETE FROM candidate.top_item WHERE period = 'all' AND item_kind = 'track' AND rank = 2",
        "mart.top_item",
        "the tracks of a period add up to its plays, or to fewer when it has 100 tracks",
        1,
        "plays_of_days=2",
    ),
    "fewer items than listener_summary counts": (
        "DELETE FROM candidate.top_item WHERE period = 'all' AND item_kind = 'album'",
        "mart.top_item",
        "the all-time ranking has as many items as listener_summary counts, at most 100",
        1,
        "albums=0",
    ),
    "more plays of new tracks than plays": (
        "UPDATE candidate.discovery SET plays_of_new_tracks = play_count + 1",
        "mart.discovery",
        "counts are consistent with each other",
        "months",
        "plays_of_new_tracks=",
    ),
    "a missing month": (
        "DELETE FROM candidate.discovery",
        "mart.discovery",
        "play_count of a month is the sum of its days",
        "months",
        "plays_of_days=",
    ),
    "an artist who is new twice": (
        "UPDATE candidate.discovery SET new_artist_count = 2 WHERE new_artist_count = 1",
        "mart.discovery",
        "each track and artist is new in exactly one month",
        1,
        "counted_artists=1",
    ),
    "a summary with a wrong album count": (
        "UPDATE candidate.listener_summary SET album_count = 2",
        "mart.listener_summary",
        "track, artist and album counts agree with the other marts",
        1,
        "album_count=2",
    ),
    "more artists in a day than plays": (
        "UPDATE candidate.daily_listening SET artist_count = 2",
        "mart.daily_listening",
        "counts are consistent with each other",
        2,
        "artist_count=2",
    ),
    "a streak of a single day": (
        "UPDATE candidate.artist_streak SET ended_on = started_on, day_count = 1",
        "mart.artist_streak",
        "a run has at least 2 days and at least one play per day",
        1,
        "day_count=1",
    ),
    "an artist's streak that ends in the year 2100": (
        "UPDATE candidate.artist_streak SET ended_on = '2100-01-01'",
        "mart.artist_streak",
        "a run does not end in the future",
        1,
        "ended_on=2100-01-01",
    ),
    "a missing artist streak": (
        "DELETE FROM candidate.artist_streak",
        "mart.artist_streak",
        "the runs agree with the counted plays",
        1,
        "counted_plays=2",
    ),
    "a completion that differs from its tracks": (
        "UPDATE candidate.album_completion SET completion = 0.5",
        "mart.album_completion",
        "completion is tracks_played / total_tracks, at most 1, and null when the total is unknown",
        1,
        "completion=0.5",
    ),
    "a complete album without completed_on": (
        "UPDATE candidate.album_completion SET completed_on = NULL",
        "mart.album_completion",
        "completed_on is set exactly when all tracks were played",
        1,
        "completed_on=None",
    ),
    "an album that is completed in the year 2100": (
        "UPDATE candidate.album_completion SET completed_on = '2100-01-01'",
        "mart.album_completion",
        "an album is first played no later than it is completed, and not in the future",
        1,
        "completed_on=2100-01-01",
    ),
    "an album with a wrong first day": (
        "UPDATE candidate.album_completion SET first_played_on = first_played_on - 1",
        "mart.album_completion",
        "tracks_played and first_played_on agree with the counted plays",
        1,
        "counted_tracks=2",
    ),
    "a session that ends before it starts": (
        "UPDATE candidate.listening_session SET ended_at = started_at - interval '1 second'",
        "mart.listening_session",
        "a session does not end before its start or in the future",
        2,
        "ended_at=",
    ),
    "more skips in a session than plays": (
        "UPDATE candidate.listening_session SET skip_count = 2",
        "mart.listening_session",
        "counts are consistent with each other",
        2,
        "skip_count=2",
    ),
    "a missing session": (
        "DELETE FROM candidate.listening_session WHERE started_at IN (SELECT min(started_at) FROM candidate.fct_play)",
        "mart.listening_session",
        "every track play is in exactly one session",
        1,
        "track_plays=2",
    ),
    "more days than plays": (
        "UPDATE candidate.listener_summary SET day_count = 3",
        "mart.listener_summary",
        "counts are consistent with each other",
        1,
        "day_count=3",
    ),
    "a last play in the year 2100": (
        "UPDATE candidate.listener_summary SET last_played_at = '2100-01-01'",
        "mart.listener_summary",
        "the first play is not after the last, and neither is in the future",
        1,
        "last_played_at=2100-01-01",
    ),
    "a wrong busiest day": (
        "UPDATE candidate.listener_summary SET busiest_day = busiest_day - 1",
        "mart.listener_summary",
        "totals agree with daily_listening",
        1,
        "busiest_day=",
    ),
    "a longest session that does not exist": (
        "UPDATE candidate.listener_summary SET longest_session_ms = 1",
        "mart.listener_summary",
        "longest_session_ms agrees with listening_session",
        1,
        "longest_ms=200000",
    ),
}
PERIODS = {  # How many of them the two days of the load lie in.
    "months": "SELECT count(DISTINCT date_trunc('month', played_on)) FROM candidate.fct_play",
    "years": "SELECT count(DISTINCT date_trunc('year', played_on)) FROM candidate.fct_play",
}


@pytest.mark.parametrize("example", INVALID_EXAMPLES)
def test_gate_refuses_and_reports_the_rows_of(example, main, capsys):
    statement, table, check, rows, sample = INVALID_EXAMPLES[example]
    rows = main(PERIODS[rows])[0][0] if rows in PERIODS else rows
    main(statement)

    assert gate.main(["load", "7"]) == 1

    assert (table, check, "fail", rows) in main(NOT_PASSED)
    reported = [
        line for line in capsys.readouterr().out.splitlines() if f"{table}: '{check}' failed on {rows} row" in line
    ]
    assert len(reported) == 1 and sample in reported[0]


def test_every_mart_check_has_a_failing_example():
    written = {
        (f"mart.{path.stem}", settings["name"])
        for path in (check_files.CHECKS / "mart").glob("*.yml")
        for check in check_files.read(path, 3)[f"checks for {path.stem}"]
        for settings in check.values()
    }

    assert written - {(table, check) for _, table, check, *_ in INVALID_EXAMPLES.values()} == set()


def test_warning_is_reported_and_the_load_passes(main, capsys):
    main(
        "INSERT INTO core.fct_play SELECT (jsonb_populate_record(play, jsonb_build_object('play_id', n))).* "
        "FROM candidate.fct_play AS play, generate_series(1, 5) AS n WHERE track_id = 'first'"
    )

    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == [("core.fct_play", "no listener loses more than half of their plays", "warn", 1)]
    out = capsys.readouterr().out
    assert "Load 7 passed the gate with warnings." in out and "published=5 candidates=2" in out


def test_overlong_play_and_tenfold_play_count_give_warnings(main, capsys):
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


def test_second_scan_replaces_earlier_verdicts(main):
    main("UPDATE candidate.artist_streak SET day_count = 3")
    gate.main(["load", "7"])
    main("UPDATE candidate.artist_streak SET day_count = 2")

    assert gate.main(["load", "7"]) == 0

    assert main(NOT_PASSED) == []


def test_report_counts_failing_rows_and_shows_three(main, capsys):
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
def test_load_that_cannot_be_checked_is_reported_in_one_sentence(statement, sentence, main, capsys):
    main(statement)

    assert gate.main(["load", "7"]) == 3

    assert capsys.readouterr().err == f"{sentence}\n"
    assert main(VERDICTS) == []


def test_table_without_check_file_stops_the_gate(main, capsys):
    main("CREATE TABLE mart.unchecked (listener_id text PRIMARY KEY, load_id bigint NOT NULL)")
    try:
        assert gate.main(["load", "7"]) == 3
    finally:
        main("DROP TABLE mart.unchecked")

    assert capsys.readouterr().err == "Table unchecked has no check file: write soda/checks/mart/unchecked.yml.\n"


def test_check_that_cannot_run_leaves_no_verdicts(main, capsys):
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
def large_tables(monkeypatch):
    """Treat every table with a row as large, so that each is scanned alone and in parallel."""
    monkeypatch.setattr(catalog, "LARGE_TABLE", 0)


def test_parallel_scans_give_the_same_verdicts(main, capsys, monkeypatch):
    main("UPDATE candidate.daily_listening SET play_count = play_count + 1")
    assert gate.main(["load", "7"]) == 1
    verdicts, first_report = sorted(main(VERDICTS)), capsys.readouterr().out

    monkeypatch.setattr(catalog, "LARGE_TABLE", 0)
    assert gate.main(["load", "7"]) == 1

    assert sorted(main(VERDICTS)) == verdicts
    assert sorted(capsys.readouterr().out.splitlines()) == sorted(first_report.splitlines())


def test_check_that_cannot_run_in_parallel_scan_leaves_no_verdicts(main, large_tables, capsys):
    main("ALTER TABLE candidate.artist_streak RENAME COLUMN ended_on TO ends_on")
    try:
        assert gate.main(["load", "7"]) == 3
    finally:
        main("ALTER TABLE candidate.artist_streak RENAME COLUMN ends_on TO ended_on")

    assert capsys.readouterr().err.startswith("The gate could not run a check of artist_streak: ")
    assert main(VERDICTS) == []


def test_killed_scan_process_leaves_no_verdicts(main, large_tables, capsys, monkeypatch):
    monkeypatch.setattr(table_scan, "scan", kill_this_process)
    assert gate.main(["load", "7"]) == 3

    assert "was killed" in capsys.readouterr().err
    assert main(VERDICTS) == []


def kill_this_process(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_unreachable_database_is_reported_without_password(monkeypatch, capsys):
    monkeypatch.setenv("GATE_MAIN_DATABASE_URL", "postgresql://gate:hidden@127.0.0.1:1/main")

    assert gate.main(["load", "7"]) == 3

    error = capsys.readouterr().err
    assert (
        error.startswith("Cannot connect to the database main at 127.0.0.1:1 (")
        and error.count("\n") == 1
        and "hidden" not in error
    )


@pytest.mark.parametrize("url", [None, "", "mysql://gate:hidden@nowhere"])
def test_error_names_missing_or_invalid_setting(url, monkeypatch, capsys):
    monkeypatch.delenv("GATE_MAIN_DATABASE_URL", raising=False)
    if url is not None:
        monkeypatch.setenv("GATE_MAIN_DATABASE_URL", url)

    assert gate.main(["load", "7"]) == 3

    error = capsys.readouterr().err
    assert "GATE_MAIN_DATABASE_URL" in error and "hidden" not in error


def test_command_sends_no_usage_statistics_and_writes_nothing_to_home(main, tmp_path):
    """Run the gate like the DAG: in its own process, from the project's folder."""
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
