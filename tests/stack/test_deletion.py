"""Deleting a listener removes their rows from source immediately, and from main and the replica with the next load."""

import hashlib
import json
from pathlib import Path

import pytest
import requests

from tests.running_stack import runtime
from tests.stack.conftest import Ask

LISTENER = "dora"
TABLES_WITH_LISTENER = """
    SELECT table_schema || '.' || table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
     WHERE column_name = 'listener_id' AND table_type = 'BASE TABLE' AND table_schema = ANY (%s) ORDER BY 1
"""
SCHEMAS = {"source": ["raw", "landing", "vault"], "main": ["core", "mart"], "replica": ["core", "mart"]}


def row(minute: int) -> dict[str, object]:
    """Return one row of an extended export, with a track, artist and album that no other listener has."""
    return {
        "ts": f"2025-03-01T20:{minute:02}:00Z",
        "ms_played": 100_000,
        "master_metadata_track_name": "Dora's song",
        "master_metadata_album_artist_name": "Dora's artist",
        "master_metadata_album_album_name": "Dora's album",
        "spotify_track_uri": "spotify:track:" + hashlib.sha256(b"dora").hexdigest()[:22],
        "reason_end": "trackdone",
    }


@pytest.fixture
def imported(demo: str, tmp_path: Path) -> None:
    export = tmp_path / "Streaming_History_Audio_2025.json"
    export.write_text(json.dumps([row(minute) for minute in (0, 5, 10)]))
    run("import", "--listener", LISTENER, "--files", str(export), "--time-zone", "UTC")
    run("pipeline")
    run("verify-replica")


def run(*arguments: str) -> None:
    done = runtime(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def row_counts(ask: Ask, database: str) -> dict[str, int]:
    """Return how many rows of the listener each table of the database has."""
    counts = {}
    for (table,) in ask(database, TABLES_WITH_LISTENER, SCHEMAS[database]):
        [(counts[table],)] = ask(database, f"SELECT count(*) FROM {table} WHERE listener_id = %s", LISTENER)
    return counts


def test_deleted_listener_has_no_rows_in_any_database(imported: None, settings: dict[str, str], ask: Ask) -> None:
    for database, table in (("source", "raw.play"), ("main", "core.fct_play"), ("replica", "core.fct_play")):
        assert row_counts(ask, database)[table] == 3

    answer = requests.delete(
        f"http://127.0.0.1:{settings['FLASK_PORT']}/v1/listeners/{LISTENER}",
        params={"origin": "all"},
        headers={"Authorization": f"Bearer {settings['OPERATOR_KEY']}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    assert sum(row_counts(ask, "source").values()) == 0

    run("pipeline")
    run("verify-replica")
    for database in ("main", "replica"):
        assert sum(row_counts(ask, database).values()) == 0
        for table in ("dim_track", "dim_artist", "dim_album"):
            name = "name" if table == "dim_artist" else "title"
            assert ask(database, f"SELECT count(*) FROM core.{table} WHERE {name} LIKE 'Dora''s%%'") == [(0,)]
    assert runtime("imports", "--listener", LISTENER).stdout.count("Streaming_History_Audio_2025") == 0
