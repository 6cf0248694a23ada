"""The checks of landed batches. Each example makes one valid batch invalid."""

import json

import gate
import pytest
from conftest import Execute

NOT_PASSED = (
    "SELECT batch_id, table_name, check_name, outcome, rows_failed FROM landing.check_result WHERE outcome <> 'pass'"
)


def test_valid_batches_pass(source: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.main(["batch", "1", "2"]) == 0

    assert source(NOT_PASSED) == []
    assert source("SELECT DISTINCT batch_id, table_name FROM landing.check_result ORDER BY 1, 2") == [
        (batch, f"landing.{table}") for batch in (1, 2) for table in ("batch", "play", "rejected")
    ]
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"passed": [1, 2], "refused": []}


INVALID_EXAMPLES = {
    "fewer rows than landed": (
        "DELETE FROM landing.play WHERE batch_id = 2 AND row_number = 5",
        "landing.batch",
        "landing.play has the number of rows that landed",
        "rows_landed=19 rows_there=18",
    ),
    "no rows": (
        "DELETE FROM landing.play WHERE batch_id = 2; DELETE FROM landing.rejected; "
        "UPDATE landing.batch SET rows_landed = 0, rows_refused = 0 WHERE batch_id = 2",
        "landing.batch",
        "the batch is not empty",
        "rows_landed=0",
    ),
    "an end before 2008": (
        "UPDATE landing.play SET ts = '2007-12-31', ended_at = '2007-12-31' WHERE batch_id = 2 AND row_number = 5",
        "landing.play",
        "a play ends in 2008 or later and at most one day in the future",
        "batch_id=2 row_number=5",
    ),
    "a play of two days": (
        "UPDATE landing.play SET ms_played = 172800000 WHERE batch_id = 2 AND row_number = 5",
        "landing.play",
        "ms_played is 0 to 86,400,000, and null only from the API",
        "ms_played=172800000",
    ),
    "a malformed track_id": (
        "UPDATE landing.play SET track_id = 'spotify:track:1' WHERE batch_id = 2 AND row_number = 5",
        "landing.play",
        "a track_id is a Spotify id or a provisional id of its kind",
        "track_id=spotify:track:1",
    ),
    "an unknown kind": (
        "UPDATE landing.play SET kind = 'video' WHERE batch_id = 2 AND row_number = 5",
        "landing.play",
        "the kind is track, episode or chapter, or null when the row is unidentified",
        "kind=video",
    ),
    "a malformed item_id": (
        "UPDATE landing.play SET item_id = 'row 5' WHERE batch_id = 2 AND row_number = 5",
        "landing.play",
        "item_id is a SHA-256 in hex",
        "item_id=row 5",
    ),
    "API rows in an import": (
        "UPDATE landing.play SET origin = 'api', ms_played = NULL WHERE batch_id = 2 AND row_number = 5",
        "landing.play",
        "the origin fits the kind of batch",
        "origin=api kind=import",
    ),
}


@pytest.mark.parametrize("example", INVALID_EXAMPLES)
def test_gate_refuses_batch_with(example: str, source: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    statement, table, check, sample = INVALID_EXAMPLES[example]
    source(statement)

    assert gate.main(["batch", "2"]) == 1

    assert (2, table, check, "fail", 1) in source(NOT_PASSED)
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if f"FAIL: {table}: '{check}' failed on 1 row" in line)
    assert sample in line


def test_other_batches_pass_when_one_is_refused(source: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    source("UPDATE landing.play SET kind = 'video' WHERE batch_id = 1")

    assert gate.main(["batch", "1", "2"]) == 1

    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"passed": [2], "refused": [1]}


def test_many_rejected_rows_give_a_warning(source: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    source(
        "UPDATE landing.batch SET rows_refused = 4 WHERE batch_id = 2; "
        "INSERT INTO landing.rejected SELECT 2, n, 'a.json', n, 'no object' FROM generate_series(21, 23) AS n"
    )

    assert gate.main(["batch", "2"]) == 0

    assert source(NOT_PASSED) == [(2, "landing.batch", "at most one row in ten is rejected", "warn", 1)]
    assert "Batch 2 passed the gate with warnings." in capsys.readouterr().out


def test_promoted_batch_passes_without_a_new_scan(source: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    source("UPDATE landing.batch SET status = 'promoted'; DELETE FROM landing.play")

    assert gate.main(["batch", "1"]) == 0

    assert source("SELECT count(*) FROM landing.check_result") == [(0,)]
    assert capsys.readouterr().out == 'Batch 1 is already promoted.\n{"passed": [1], "refused": []}\n'


def test_unknown_batch_is_reported_in_one_sentence(source: Execute, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate.main(["batch", "99"]) == 3

    assert capsys.readouterr().err == "Batch 99 does not exist.\n"
