"""A real export has the same number of plays in source, main and replica as an independent count of the file."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.running_stack import SHARED, runtime
from tests.stack.conftest import Ask

EXPORT = SHARED / "data/exports/extended/endsong_3.json"
ZONE = "Europe/Rome"

pytestmark = pytest.mark.skipif(not EXPORT.exists(), reason="the real export is not available next to the project")


def expected_plays() -> set[tuple[datetime, str, int]]:
    """Return the distinct (end, track, ms_played) of the plays in the file, by section 1 of the data contract."""
    plays = set()
    for row in json.loads(EXPORT.read_text()):
        uri = row["spotify_track_uri"] or row["spotify_episode_uri"]
        if not uri and not row["master_metadata_track_name"] and not row["episode_name"]:
            continue
        plays.add((end_of(row), uri or row["master_metadata_track_name"] or row["episode_name"], row["ms_played"]))
    return plays


def end_of(row: dict[str, Any]) -> datetime:
    ts = datetime.fromisoformat(row["ts"].replace("Z", "+00:00"))
    stamp = row["offline_timestamp"]
    if stamp is None or stamp < 100:
        return ts
    end = datetime.fromtimestamp(stamp // 1000 if stamp > 10**11 else stamp, UTC) + timedelta(
        milliseconds=row["ms_played"]
    )
    reason = row["reason_end"] or ""
    is_late = (reason.startswith("unexpected-exit") or reason == "logout") and ts - end > timedelta(minutes=30)
    if (row["offline"] or is_late) and end <= ts + timedelta(seconds=60):
        return end
    return ts


@pytest.fixture(scope="module")
def imported(demo: str) -> None:
    done = runtime("import", "--listener", "andrew", "--files", str(EXPORT), "--time-zone", ZONE)
    assert done.returncode == 0, done.stdout + done.stderr
    done = runtime("pipeline")
    assert done.returncode == 0, done.stdout + done.stderr
    assert runtime("verify-replica").returncode == 0


def test_plays_are_equal_in_source_main_and_replica(imported: None, ask: Ask) -> None:
    expected = [(len(expected_plays()),)]
    assert ask("source", "SELECT count(*) FROM raw.play WHERE listener_id = 'andrew'") == expected
    assert ask("main", "SELECT count(*) FROM core.fct_play WHERE listener_id = 'andrew'") == expected
    assert ask("replica", "SELECT count(*) FROM core.fct_play WHERE listener_id = 'andrew'") == expected


def test_import_accounts_for_every_row(imported: None, ask: Ask) -> None:
    row = ask(
        "source",
        "SELECT rows_read, rows_added + rows_matched + rows_repeated + rows_rejected FROM raw.import WHERE listener_id = 'andrew'",
    )
    assert row == [(len(json.loads(EXPORT.read_text())),) * 2]


def test_second_import_of_same_file_changes_nothing(imported: None, ask: Ask) -> None:
    before = ask("source", "SELECT play_id FROM raw.play WHERE listener_id = 'andrew' ORDER BY 1")
    done = runtime("import", "--listener", "andrew", "--files", str(EXPORT), "--time-zone", ZONE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ask("source", "SELECT play_id FROM raw.play WHERE listener_id = 'andrew' ORDER BY 1") == before
