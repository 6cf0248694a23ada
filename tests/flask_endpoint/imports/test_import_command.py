"""The import commands, run as processes against a database: output, written rows and refusals."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from common.exit_codes import ExitCode
from tests.flask_endpoint.exports.files import ACCOUNT, EXTENDED, write_zip
from tests.flask_endpoint.imports.commands import ROOT, Query, Run, all_rows, balance_of, is_database_empty, refusal
from tests.flask_endpoint.reconciliation.reference_items import instant

GATE_FAILS = "sh -c 'exit 3'"
REFUSAL_VERDICT = r"{\"passed\": [], \"refused\": [1]}"
GATE_REFUSES = f"""sh -c 'echo check one failed; echo "{REFUSAL_VERDICT}"; exit 1'"""
MISSING_SCRIPT = f"{sys.executable} soda/no_such_gate.py"  # Python exits with 2.
CRASH_ON_IMPORT = f"{sys.executable} -c 'import no_such_module'"  # Python exits with 1.
REAL_EXPORTS = ROOT.parent / "shared" / "data" / "exports"


def test_dry_run_reports_balance_and_writes_nothing(run: Run, query: Query, export: Path) -> None:
    dry = run("import", "--listener", "ana", "--dry-run", "--json", export)
    assert balance_of(dry) == [2, 1, 0, 0, 1]
    assert "nothing was changed" in dry.stdout
    assert is_database_empty(query)
    assert balance_of(run("import", "--listener", "ana", "--json", export)) == [2, 1, 0, 0, 1]


def test_dry_run_runs_gate_and_records_no_refusal(run: Run, query: Query, export: Path) -> None:
    run("import", "--listener", "ben", export)
    before = all_rows(query)
    error = refusal(run("import", "--listener", "ana", "--dry-run", export, gate=GATE_REFUSES))
    assert "check one failed" in error
    assert all_rows(query) == before
    dry = run("import", "--listener", "ben", "--time-zone", "Europe/Madrid", "--dry-run", "--json", export)
    assert balance_of(dry) == [2, 0, 0, 1, 1] and "time zone Europe/Madrid" in dry.stdout
    assert all_rows(query) == before


def test_new_listener_without_time_zone_gets_utc_and_a_notice(run: Run, query: Query, export: Path) -> None:
    assert "days are in UTC" in run("import", "--listener", "ana", export).stdout
    assert query("SELECT time_zone FROM raw.listener") == [("UTC",)]
    later = run("import", "--listener", "ana", "--time-zone", "Europe/Madrid", export)
    assert "time zone Europe/Madrid" in later.stdout and "UTC" not in later.stdout
    assert query("SELECT time_zone FROM raw.listener") == [("Europe/Madrid",)]


def test_import_is_listed_and_can_be_undone_once(run: Run, query: Query, export: Path) -> None:
    run("import", "--listener", "ana", export)
    [record] = json.loads(run("imports", "--json").stdout.splitlines()[-1])
    assert (record["status"], record["files"], record["rows_added"]) == (
        "promoted",
        ["my_spotify_data.zip/x/endsong_0.json"],
        1,
    )
    undone = run("undo-import", record["import_id"])
    assert undone.returncode == 0 and "Plays before: 1, now: 0" in undone.stdout
    assert query("SELECT status FROM raw.import") == [("undone",)]
    assert "was undone already" in refusal(run("undo-import", record["import_id"]))
    assert "There is no import 999999" in refusal(run("undo-import", 999999))


def test_undo_restores_earlier_time_zone_unless_a_later_import_changed_it(run: Run, query: Query, export: Path) -> None:
    def zone() -> str:
        [(found,)] = query("SELECT time_zone FROM raw.listener")
        return str(found)

    def import_to(time_zone: str) -> int:
        run("import", "--listener", "ana", "--time-zone", time_zone, export)
        [(latest,)] = query("SELECT max(import_id) FROM raw.import")
        return int(latest)

    import_to("UTC")
    madrid, paris, rome = import_to("Europe/Madrid"), import_to("Europe/Paris"), import_to("Europe/Rome")
    run("undo-import", madrid)
    assert zone() == "Europe/Rome"
    run("undo-import", rome)
    assert zone() == "Europe/Paris"
    run("undo-import", paris)
    assert zone() == "UTC", "undoing Paris also restores the zone that Madrid, undone before, had replaced"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--listener", "Ana B"], "is not a valid listener id"),
        (["--listener", "a" * 65], "is not a valid listener id"),
        (["--listener", "ana", "--time-zone", "Mars/Base"], "is not an IANA time zone"),
    ],
)
def test_invalid_listener_or_time_zone_is_refused(
    run: Run, query: Query, export: Path, arguments: list[str], expected: str
) -> None:
    assert expected in refusal(run("import", *arguments, export), ExitCode.USAGE)
    assert is_database_empty(query)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("notes.txt", b"hello", "is not a Spotify listening history"),
        ("endsong_0.json", b'[{"ts": "2022-05-01T12:00:00Z", "ms_pl', "is cut off or damaged"),
        ("endsong_0.json", b"", "is empty"),
        ("endsong_0.json", b"[]", "There is no play in good.zip/endsong_1.json, endsong_0.json"),
        ("data.zip", b"no zip", "is not a zip file"),
    ],
)
def test_file_that_is_not_an_export_is_refused_in_one_line(
    run: Run, query: Query, tmp_path: Path, name: str, content: bytes, expected: str
) -> None:
    good, bad = (
        write_zip(tmp_path / "good.zip", {"endsong_1.json": [EXTENDED] if b"[]" not in content else []}),
        tmp_path / name,
    )
    bad.write_bytes(content)
    error = refusal(run("import", "--listener", "ana", good, bad))
    assert expected in error and "\n" not in error
    assert is_database_empty(query)


def test_refused_import_is_recorded_and_adds_no_play(run: Run, query: Query, export: Path) -> None:
    error = refusal(run("import", "--listener", "ana", export, gate=GATE_REFUSES))
    assert error.splitlines() == [
        "The gate refused the batch: a check failed. Nothing was imported.",
        "check one failed",
    ]
    assert query("SELECT i.status, b.status FROM raw.import AS i JOIN landing.batch AS b USING (import_id)") == [
        ("refused", "refused")
    ]
    assert query("SELECT FROM raw.received") == []


def test_import_without_a_valid_row_is_refused_with_the_most_frequent_reason(
    run: Run, query: Query, tmp_path: Path
) -> None:
    old_form = {"artistName": "Band", "trackName": "Song", "time": "2018-03-06 07:29:33"}
    rows = [old_form, old_form, EXTENDED | {"ms_played": 1, "ts": "never"}]
    path = write_zip(tmp_path / "my.zip", {"StreamingHistory.json": rows})
    error = refusal(run("import", "--listener", "ana", "--dry-run", path))
    assert query("SELECT FROM raw.import") == query("SELECT FROM raw.listener") == []
    assert refusal(run("import", "--listener", "ana", path)) == error
    assert "All 3 rows were rejected" in error and "ms_played is not an integer" in error and "\n" not in error
    assert query("SELECT status FROM raw.import") == [("refused",)]
    assert query("SELECT FROM raw.received") == []


def test_import_of_unidentified_rows_alone_is_refused(run: Run, query: Query, tmp_path: Path) -> None:
    rows = [{"ts": "2022-05-01T12:00:00Z", "ms_played": 1000}] * 2
    path = write_zip(tmp_path / "my.zip", {"endvideo.json": rows})
    assert "unidentified" in refusal(run("import", "--listener", "ana", path))


def test_import_reports_repaired_texts_and_warnings_of_the_gate(run: Run, tmp_path: Path) -> None:
    verdict = r"{\"passed\": [1], \"refused\": []}"
    gate = f"""sh -c 'echo "  WARN: landing.play: one check warns on 3 rows"; echo "{verdict}"'"""
    broken = json.dumps([EXTENDED | {"master_metadata_track_name": "Don’t"}], ensure_ascii=False).encode("cp1252")
    path = write_zip(tmp_path / "my.zip", {"endsong_0.json": broken})
    output = run("import", "--listener", "ana", path, gate=gate).stdout
    assert "Repaired texts: 1." in output
    assert "Warning of the gate: landing.play: one check warns on 3 rows" in output


@pytest.mark.parametrize("gate", [GATE_FAILS, "no-such-command", MISSING_SCRIPT, CRASH_ON_IMPORT, "true"])
def test_import_without_gate_verdict_writes_nothing(run: Run, query: Query, export: Path, gate: str) -> None:
    done = run("import", "--listener", "ana", export, gate=gate)
    assert "The gate could not be run" in refusal(done, ExitCode.COULD_NOT_RUN)
    assert is_database_empty(query)


def test_missing_database_error_says_how_to_start_it(export: Path) -> None:
    environment = {
        **os.environ,
        "ENDPOINT_DATABASE_URL": "postgresql://x:secret@127.0.0.1:1/x",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "flask_endpoint", "imports"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert "Start it with" in refusal(done, ExitCode.COULD_NOT_RUN) and "secret" not in done.stderr


def test_two_concurrent_imports_of_one_file_add_its_plays_once(run: Run, query: Query, export: Path) -> None:
    balances: list[list[int]] = []
    threads = [
        threading.Thread(
            target=lambda: balances.append(balance_of(run("import", "--listener", "ana", "--json", export)))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(balances) == [[2, 0, 0, 1, 1], [2, 1, 0, 0, 1]]
    assert len(query("SELECT FROM raw.play")) == 1


def test_exports_of_all_generations_can_be_imported_together(run: Run, tmp_path: Path) -> None:
    without_uri = {key: value for key, value in EXTENDED.items() if not key.startswith("spotify")} | {
        "city": "x",
        "ip_addr_decrypted": "y",
    }
    path = write_zip(
        tmp_path / "all.zip",
        {
            "endsong_0.json": [without_uri],
            "Streaming_History_Audio_2022_0.json": [EXTENDED | {"ts": "2022-05-02T12:00:00Z"}],
            "Streaming_History_Video_2022.json": [EXTENDED | {"ts": "2022-05-03T12:00:00Z"}],
            "StreamingHistory0.json": [ACCOUNT],
            "StreamingHistory_music_0.json": [ACCOUNT | {"endTime": "2022-05-02 12:00"}],
            "StreamingHistory_podcast_0.json": [
                {"endTime": "2022-05-04 12:00", "podcastName": "Show", "episodeName": "Chat", "msPlayed": 1}
            ],
        },
    )
    assert balance_of(run("import", "--listener", "ana", "--json", path)) == [6, 3, 2, 0, 1]


@pytest.mark.skipif(not REAL_EXPORTS.exists(), reason="the real exports are not part of the project")
def test_real_exports_give_the_same_plays_in_either_order(run: Run, query: Query) -> None:
    extended, account = sorted((REAL_EXPORTS / "extended").iterdir()), sorted((REAL_EXPORTS / "account").iterdir())
    assert balance_of(run("import", "--listener", "one", "--json", *extended)) == [1821, 1601, 0, 0, 220]
    balance_of(run("import", "--listener", "one", "--json", *account))
    balance_of(run("import", "--listener", "two", "--json", *account))
    balance_of(run("import", "--listener", "two", "--json", *extended))
    columns = (
        "ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, shuffle, "
        "skipped, origin"
    )
    one, two = (
        query(f"SELECT {columns} FROM raw.play WHERE listener_id = '{listener}' ORDER BY 1, 2, 4, 12")
        for listener in ("one", "two")
    )
    assert one == two and len(one) == 19_860
    assert instant("2020-10-13T11:44:26Z") == min(row[0] for row in one)
    passes = (
        "SELECT matched_by, count(*) FROM raw.received WHERE listener_id = 'one' AND matched_by IS NOT NULL "
        "GROUP BY 1 ORDER BY 1"
    )
    assert query(passes) == [("pass 1", 417), ("pass 2", 7), ("pass 3", 220), ("pass 4", 22)]
