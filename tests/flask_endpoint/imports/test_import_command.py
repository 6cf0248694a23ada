"""Whole imports at the command line, on a database of their own: what is shown, what is written, what is refused."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from common.exit_codes import ExitCode
from flask_endpoint.database import connect
from flask_endpoint.imports.importing import clear_killed_imports
from flask_endpoint.reconciliation.forget import delete_simulated
from tests.flask_endpoint.exports.files import ACCOUNT, EXTENDED, write_zip
from tests.flask_endpoint.reconciliation.obvious import instant
from tests.flask_endpoint.source_database import *  # noqa: F403

ROOT = Path(__file__).parents[3]
BREAKS = "sh -c 'exit 3'"
ACCEPTS = r"""sh -c 'echo "{\"passed\": [1], \"refused\": []}"'"""
VERDICT = r"{\"passed\": [], \"refused\": [1]}"
REFUSES = f"""sh -c 'echo check one failed; echo "{VERDICT}"; exit 1'"""
MISSING_SCRIPT = f"{sys.executable} soda/no_such_gate.py"  # Python exits with 2.
CRASH_ON_IMPORT = f"{sys.executable} -c 'import no_such_module'"  # Python exits with 1.
REAL = ROOT.parent / "shared" / "data" / "exports"

TABLES = (
    *("raw.listener", "raw.import", "raw.received", "raw.play"),
    *("landing.batch", "landing.play", "landing.rejected", "landing.check_result"),
)

OTHER_SESSIONS = (
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' "
    "AND pid <> pg_backend_pid()"
)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def url(source_database: str) -> Iterator[str]:
    """The database, empty again afterwards."""
    yield source_database
    with connect(source_database) as connection:
        connection.execute("UPDATE raw.listener SET is_simulated = true")
        delete_simulated(connection)


@pytest.fixture
def run(url: str) -> Run:
    """Run the command; `gate` stands for the gate's answer."""

    def run(*arguments: object, gate: str = ACCEPTS) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "ENDPOINT_DATABASE_URL": url, "GATE_COMMAND": gate, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "flask_endpoint", *map(str, arguments)]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    return run


@pytest.fixture
def held(url: str) -> Callable[[str], list[tuple[Any, ...]]]:
    """The rows of a query."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(url) as connection:
            return connection.execute(query).fetchall()

    return rows


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return write_zip(tmp_path / "my_spotify_data.zip", {"x/endsong_0.json": [EXTENDED, EXTENDED | {"ms_played": -1}]})


def balance_of(done: subprocess.CompletedProcess[str]) -> list[int]:
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    return [result[f"rows_{what}"] for what in ("read", "added", "matched", "repeated", "rejected")]


def refusal(done: subprocess.CompletedProcess[str], code: ExitCode = ExitCode.NO) -> str:
    assert done.returncode == code, done.stdout
    return done.stderr.removeprefix("Error: ").strip()


def nothing_is_written(held: Callable[[str], list[tuple[Any, ...]]]) -> bool:
    return not any(everything(held))


def everything(held: Callable[[str], list[tuple[Any, ...]]]) -> list[list[tuple[Any, ...]]]:
    """The rows of all tables that an import writes."""
    return [held(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(run, held, export):
    dry = run("import", "--listener", "ana", "--dry-run", "--json", export)
    assert balance_of(dry) == [2, 1, 0, 0, 1]
    assert "nothing was changed" in dry.stdout
    assert nothing_is_written(held)
    assert balance_of(run("import", "--listener", "ana", "--json", export)) == [2, 1, 0, 0, 1]


def test_a_dry_run_asks_the_gate_too_and_keeps_no_refusal(run, held, export):
    run("import", "--listener", "ben", export)
    before = everything(held)
    said = refusal(run("import", "--listener", "ana", "--dry-run", export, gate=REFUSES))
    assert "check one failed" in said
    assert everything(held) == before
    dry = run("import", "--listener", "ben", "--time-zone", "Europe/Madrid", "--dry-run", "--json", export)
    assert balance_of(dry) == [2, 0, 0, 1, 1] and "time zone Europe/Madrid" in dry.stdout
    assert everything(held) == before


def test_a_new_listener_without_a_zone_gets_utc_and_is_told(run, held, export):
    assert "days are in UTC" in run("import", "--listener", "ana", export).stdout
    assert held("SELECT time_zone FROM raw.listener") == [("UTC",)]
    later = run("import", "--listener", "ana", "--time-zone", "Europe/Madrid", export)
    assert "time zone Europe/Madrid" in later.stdout and "UTC" not in later.stdout
    assert held("SELECT time_zone FROM raw.listener") == [("Europe/Madrid",)]


def test_imports_are_listed_and_undone(run, held, export):
    run("import", "--listener", "ana", export)
    [record] = json.loads(run("imports", "--json").stdout.splitlines()[-1])
    assert (record["status"], record["files"], record["rows_added"]) == (
        "promoted",
        ["my_spotify_data.zip/x/endsong_0.json"],
        1,
    )
    undone = run("undo-import", record["import_id"])
    assert undone.returncode == 0 and "Plays before: 1, now: 0" in undone.stdout
    assert held("SELECT status FROM raw.import") == [("undone",)]
    assert "was undone already" in refusal(run("undo-import", record["import_id"]))
    assert "There is no import 999999" in refusal(run("undo-import", 999999))


def test_undoing_an_import_gives_the_zone_back_unless_it_was_changed_since(run, held, export):
    def zone():
        return held("SELECT time_zone FROM raw.listener")[0][0]

    def import_to(time_zone):
        run("import", "--listener", "ana", "--time-zone", time_zone, export)
        return held("SELECT max(import_id) FROM raw.import")[0][0]

    import_to("UTC")
    madrid, paris, rome = import_to("Europe/Madrid"), import_to("Europe/Paris"), import_to("Europe/Rome")
    run("undo-import", madrid)
    assert zone() == "Europe/Rome"
    run("undo-import", rome)
    assert zone() == "Europe/Paris"
    run("undo-import", paris)
    assert zone() == "UTC", "what the one before Paris had taken is given back with it"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--listener", "Ana B"], "is not a valid listener id"),
        (["--listener", "a" * 65], "is not a valid listener id"),
        (["--listener", "ana", "--time-zone", "Mars/Base"], "is not an IANA time zone"),
    ],
)
def test_a_bad_listener_or_zone_is_refused(run, held, export, arguments, sentence):
    assert sentence in refusal(run("import", *arguments, export), ExitCode.USAGE)
    assert nothing_is_written(held)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("notes.txt", b"hello", "is not a Spotify listening history"),
        ("endsong_0.json", b'[{"ts": "2022-05-01T12:00:00Z", "ms_pl', "is cut off or damaged"),
        ("endsong_0.json", b"", "is empty"),
        ("endsong_0.json", b"[]", "There is no play in good.zip/endsong_1.json, endsong_0.json"),
        ("data.zip", b"no zip", "is not a zip file"),
    ],
)
def test_a_file_that_is_no_export_is_refused_in_one_sentence_and_nothing_is_written(
    run, held, tmp_path, name, content, sentence
):
    good, bad = (
        write_zip(tmp_path / "good.zip", {"endsong_1.json": [EXTENDED] if b"[]" not in content else []}),
        tmp_path / name,
    )
    bad.write_bytes(content)
    said = refusal(run("import", "--listener", "ana", good, bad))
    assert sentence in said and "\n" not in said
    assert nothing_is_written(held)


def test_refused_batch_is_recorded_with_output_of_gate_and_adds_no_play(run, held, export):
    said = refusal(run("import", "--listener", "ana", export, gate=REFUSES))
    assert said.splitlines() == [
        "The gate refused the batch: a check failed. Nothing was imported.",
        "check one failed",
    ]
    assert held("SELECT i.status, b.status FROM raw.import AS i JOIN landing.batch AS b USING (import_id)") == [
        ("refused", "refused")
    ]
    assert held("SELECT FROM raw.received") == []


@pytest.mark.parametrize("gate", [BREAKS, "no-such-command", MISSING_SCRIPT, CRASH_ON_IMPORT, "true"])
def test_gate_without_verdict_leaves_nothing(run, held, export, gate):
    done = run("import", "--listener", "ana", export, gate=gate)
    assert "The gate could not be run" in refusal(done, ExitCode.COULD_NOT_RUN)
    assert nothing_is_written(held)


def test_without_a_database_the_sentence_says_what_to_start(export):
    environment = {
        **os.environ,
        "ENDPOINT_DATABASE_URL": "postgresql://x:secret@127.0.0.1:1/x",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "flask_endpoint", "imports"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert "Start it with" in refusal(done, ExitCode.COULD_NOT_RUN) and "secret" not in done.stderr


@contextmanager
def started(url: str, gate: str, *files: Path, listener: str = "ana") -> Iterator[subprocess.Popen[bytes]]:
    """An import under way, killed at the end with all that it started; then the database too knows that it is gone."""
    environment = {**os.environ, "ENDPOINT_DATABASE_URL": url, "GATE_COMMAND": gate, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "flask_endpoint", "import", "--listener", listener, *map(str, files)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)
        with connect(url) as watching:
            watching.autocommit = True
            while watching.execute(OTHER_SESSIONS).fetchall():
                pass  # The server takes note of its client's death when it next talks to it.


@pytest.fixture
def waiting_gate(tmp_path: Path) -> tuple[str, Path]:
    """A gate that does not end, and a file that can be read once it has begun."""
    reached = tmp_path / "reached"
    os.mkfifo(reached)
    return f"sh -c 'echo > {reached}; exec sleep 60'", reached


def test_an_import_killed_while_it_is_checked_is_cleared_away_by_the_next(run, url, held, export, waiting_gate):
    gate, reached = waiting_gate
    with started(url, gate, export):
        reached.read_text()  # Waits until the gate runs: the batch has landed.
    assert held("SELECT status FROM raw.import") == [("landed",)]
    assert held("SELECT FROM raw.received") == []
    assert balance_of(run("import", "--listener", "ana", "--json", export)) == [2, 1, 0, 0, 1]
    assert held("SELECT status FROM raw.import") == [("promoted",)]
    assert balance_of(run("import", "--listener", "ana", "--json", export)) == [2, 0, 0, 1, 1]


def test_what_killed_imports_left_is_cleared_away_and_those_under_way_are_left_alone(
    run, url, held, export, waiting_gate
):
    gate, reached = waiting_gate
    run("import", "--listener", "ben", export)
    kept = everything(held)
    for listener in ("ana", "ben"):
        with started(url, gate, export, listener=listener):
            reached.read_text()
            with connect(url) as connection:
                assert clear_killed_imports(connection) == (["ana"] if listener == "ben" else [])
            assert ("landed",) in held("SELECT status FROM raw.import")
    with connect(url) as connection:
        assert clear_killed_imports(connection) == ["ben"]
        assert clear_killed_imports(connection) == []
    assert everything(held) == kept


@pytest.mark.parametrize(
    "stage", ["COPY landing.play", "Read all rows of the listener", "Recompute the plays that may have changed"]
)
def test_a_large_import_killed_in_its_middle_leaves_nothing_and_is_whole_the_second_time(
    run, url, held, tmp_path, stage
):
    rows = 60_000
    history = write_zip(tmp_path / "my_spotify_data.zip", {"x/endsong_0.json": [large_row(n) for n in range(rows)]})
    with started(url, ACCEPTS, history) as process, connect(url) as watching:
        watching.autocommit = True
        reached = f"{OTHER_SESSIONS} AND state = 'active' AND query LIKE '%%' || %s || '%%'"
        while not watching.execute(reached, (stage,)).fetchall():
            assert process.poll() is None, f"the import ended before it was seen at {stage}"
    assert held("SELECT FROM raw.received") == held("SELECT FROM raw.play") == []
    assert balance_of(run("import", "--listener", "ana", "--json", history)) == [rows, rows, 0, 0, 0]
    assert held("SELECT count(DISTINCT play_id) FROM raw.play") == [(rows,)]
    assert balance_of(run("import", "--listener", "ana", "--json", history)) == [rows, 0, 0, rows, 0]


def large_row(number: int) -> dict[str, object]:
    """A row of its own minute."""
    at = instant("2020-01-01T00:00:00") + timedelta(minutes=number)
    return EXTENDED | {"ts": f"{at:%Y-%m-%dT%H:%M:%SZ}"}


def test_the_same_file_twice_at_once_is_imported_once(run, held, export):
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
    assert len(held("SELECT FROM raw.play")) == 1


def test_every_generation_of_export_goes_in_together(run, tmp_path):
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


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not part of the project")
def test_two_real_exports_of_one_person_give_the_same_plays_in_either_order(run, held):
    extended, account = sorted((REAL / "extended").iterdir()), sorted((REAL / "account").iterdir())
    assert balance_of(run("import", "--listener", "one", "--json", *extended)) == [1821, 1601, 0, 0, 220]
    balance_of(run("import", "--listener", "one", "--json", *account))
    balance_of(run("import", "--listener", "two", "--json", *account))
    balance_of(run("import", "--listener", "two", "--json", *extended))
    plays = "SELECT ended_at, ms_played, kind, track_id, artist_id, album_id, track_title, artist_name, album_title, shuffle, skipped, origin "
    one, two = (
        held(f"{plays} FROM raw.play WHERE listener_id = '{who}' ORDER BY 1, 2, 4, 12") for who in ("one", "two")
    )
    assert one == two and len(one) == 19_860
    passes = "SELECT matched_by, count(*) FROM raw.received WHERE listener_id = 'one' AND matched_by IS NOT NULL GROUP BY 1 ORDER BY 1"
    assert held(passes) == [("pass 1", 417), ("pass 2", 7), ("pass 3", 220), ("pass 4", 22)]
    assert instant("2020-10-13T11:44:26Z") == min(row[0] for row in one)
