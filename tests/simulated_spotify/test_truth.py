"""The expected figures agree with an independent count of the export rows and the API responses."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from simulated_spotify.listening.export_rows import rows_of
from simulated_spotify.listening.history import Setting
from simulated_spotify.truth import longest_run, main, truth_of
from tests.simulated_spotify.simulated_app import approved

TOLERANCE = 2.0  # seconds between the end of a play in the export and in the API


def seconds(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


def ended(row: dict[str, Any]) -> float:
    """Return the end of a row by the data contract: by the device's clock if offline, else `ts`."""
    return row["offline_timestamp"] + row["ms_played"] / 1000 if row["offline"] else seconds(row["ts"])


def is_same_play(end: float, row: dict[str, Any], item: dict[str, Any], played_at: float) -> bool:
    track = item["track"]
    is_same_track = row["spotify_track_uri"] == track["uri"] or row["master_metadata_track_name"] == track["name"]
    return abs(end - played_at) <= TOLERANCE and is_same_track


@pytest.mark.parametrize("listener", ["ana", "ben", "chie"])
def test_figures_equal_independent_count(setting: Setting, client: FlaskClient, listener: str) -> None:
    bearer = {"Authorization": f"Bearer {approved(client, listener)['access_token']}"}
    page = client.get("/v1/me/player/recently-played?limit=50", headers=bearer).get_json()
    rows = list(rows_of(setting, listener))
    distinct = {
        (ended(row), row["spotify_track_uri"] or row["spotify_episode_uri"], row["ms_played"]): row for row in rows
    }
    candidates = [
        [row for (end, *_), row in distinct.items() if is_same_play(end, row, item, seconds(item["played_at"]))]
        for item in page["items"]
    ]
    assert [len(found) for found in candidates] == [0] * 25 + [1] * 25
    newer = page["items"][:25]
    counted = [
        row
        for row in distinct.values()
        if row["spotify_track_uri"] and not row["incognito_mode"] and row["ms_played"] >= 30_000
    ]
    figures = truth_of(setting, listener)
    assert figures["export_rows"] == len(rows)
    assert figures["export_repeated_rows"] == len(rows) - len(distinct)
    assert (figures["api_plays"], figures["api_plays_in_export"]) == (50, 25)
    assert figures["plays"] == len(distinct) + len(newer)
    assert figures["counted_plays"] == len(counted) + len(newer)
    assert figures["track_count"] == len(
        {row["spotify_track_uri"] for row in counted} | {item["track"]["uri"] for item in newer}
    )
    assert figures["artist_count"] == len(
        {row["master_metadata_album_artist_name"] for row in counted}
        | {item["track"]["artists"][0]["name"] for item in newer}
    )


def test_command_prints_figures_of_every_listener(
    monkeypatch: pytest.MonkeyPatch, setting: Setting, clock_file: Path
) -> None:
    monkeypatch.setenv("SPOTIFY_CLOCK_FILE", str(clock_file))
    done = CliRunner().invoke(main, [])
    assert done.exit_code == 0
    printed = json.loads(done.stdout.splitlines()[-1])
    assert printed == {listener: truth_of(setting, listener) for listener in ("ana", "ben", "chie")}


def test_day_without_play_ends_run() -> None:
    days = [date(2026, 3, day) for day in (28, 29, 31, 27, 28)]
    assert longest_run(days) == 3
