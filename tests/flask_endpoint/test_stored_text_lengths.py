"""Texts are limited however they arrive, and source refuses longer ones. A migration cuts those that are stored already."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from common.texts import LONGEST_TEXT
from flask_endpoint.catalog.files import load_catalog_file
from flask_endpoint.catalog.objects import MOST_GENRES, album_row, artist_row, track_row
from flask_endpoint.imports.importing import ImportResult, import_files
from flask_endpoint.plays.api import play_row
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.text import REPLACEMENT
from flask_endpoint.reconciliation.recompute import recompute
from tests.flask_endpoint.exports.files import EXTENDED
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import ROOT, MakeSettings

ID = "0000000000000000000001"
LONG = "a" * 1_200_000
CUT = "a" * (LONGEST_TEXT - 1) + REPLACEMENT
MIGRATION = ROOT / "sql" / "source" / "migrations" / "20261129001100_text_length.sql"


@pytest.fixture
def run_import(settings: MakeSettings, tmp_path: Path) -> Callable[..., ImportResult]:
    def run(*rows: dict[str, Any]) -> ImportResult:
        path = tmp_path / "endsong_0.json"
        path.write_text(json.dumps(rows))
        return import_files(settings("http://127.0.0.1:1"), "ana", [path])

    return run


def test_import_counts_cut_texts_as_repaired(
    run_import: Callable[..., ImportResult], source: psycopg.Connection
) -> None:
    names = {"master_metadata_track_name": LONG, "master_metadata_album_artist_name": LONG, "platform": LONG}
    result = run_import(EXTENDED | names, EXTENDED | {"ts": "2022-05-01T13:00:00Z"})
    assert (result.repaired_texts, result.balance.rows_added) == (3, 2)
    texts = source.execute(
        "SELECT track_title, artist_name, platform FROM raw.play ORDER BY ended_at LIMIT 1"
    ).fetchone()
    assert texts == (CUT,) * 3


def test_long_texts_of_polled_play_are_cut() -> None:
    item = {
        "played_at": "2022-05-01T12:00:00Z",
        "track": {"id": ID, "name": LONG, "artists": [{"name": LONG}], "album": {"name": LONG}},
        "context": {"uri": LONG},
    }
    row = play_row(item, Horizon(datetime(2024, 6, 1, tzinfo=UTC)))
    assert (row.title, row.artist_name, row.album_title, row.context_uri) == (CUT,) * 4


def test_long_texts_of_catalog_objects_are_cut() -> None:
    images = [{"url": LONG}]
    track = track_row({"id": ID, "name": LONG, "external_ids": {"isrc": LONG}})
    album = album_row({"id": ID, "name": LONG, "label": LONG, "album_type": LONG, "images": images})
    artist = artist_row({"id": ID, "name": LONG, "genres": [LONG, "a\0"] * MOST_GENRES, "images": images})
    assert track and album and artist
    assert (track.title, track.isrc) == (CUT,) * 2
    assert (album.title, album.label, album.album_type, album.image_url) == (CUT,) * 4
    assert (artist.name, artist.image_url, artist.genres) == (CUT, CUT, [CUT, f"a{REPLACEMENT}"] * (MOST_GENRES // 2))


def test_long_texts_of_catalog_file_are_cut(settings: MakeSettings, source: psycopg.Connection, tmp_path: Path) -> None:
    row = {
        "track_id": ID, "track_name": "a" * 100_000, "track_artist": "a" * 100_000,
        "track_album_id": ID, "track_album_name": "a" * 100_000,
    }  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, list(row))
    writer.writeheader()
    writer.writerow(row)
    path = tmp_path / "songs.csv"
    path.write_text(text.getvalue())
    load_catalog_file(settings("http://127.0.0.1:1"), path)
    assert source.execute("SELECT title, file_artist_key FROM raw.catalog_track").fetchall() == [(CUT, CUT)]
    assert source.execute("SELECT title FROM raw.catalog_album").fetchall() == [(CUT,)]


def test_source_refuses_long_texts(run_import: Callable[..., ImportResult], source: psycopg.Connection) -> None:
    run_import(EXTENDED)
    for change in (
        "UPDATE landing.play SET title = repeat('a', 8001)",
        "INSERT INTO raw.catalog_track (track_id, title, title_key, artist_ids) VALUES ('x', repeat('a', 8001), 'a', '{}')",
        "INSERT INTO raw.catalog_album (album_id, title, title_key, artist_ids) VALUES ('x', repeat('a', 8001), 'a', '{}')",
        "INSERT INTO raw.catalog_artist (artist_id, name, name_key) VALUES ('x', repeat('a', 8001), 'a')",
    ):
        with pytest.raises(psycopg.errors.CheckViolation, match="text_length"):
            source.execute(change)


def test_source_accepts_longest_text_of_four_byte_characters(run_import: Callable[..., ImportResult]) -> None:
    long = "\U0001f3b5" * LONGEST_TEXT
    assert run_import(EXTENDED | {"master_metadata_track_name": long}).repaired_texts == 0


def test_migration_cuts_stored_texts(
    run_import: Callable[..., ImportResult], source: psycopg.Connection, source_url: str
) -> None:
    run_import(EXTENDED, EXTENDED | {"ts": "2022-05-01T13:00:00Z"})
    source.execute(MIGRATION.read_text().split("-- migrate:down")[1])
    source.execute("DELETE FROM schema_migrations WHERE version = '20261129001100'")
    source.execute("UPDATE landing.play SET title = repeat('a', 1200000) WHERE row_number = 1")
    source.execute("UPDATE raw.play SET track_title = repeat('a', 1200000) WHERE ended_at = '2022-05-01T12:00:00Z'")
    source.execute(
        "INSERT INTO raw.catalog_artist (artist_id, name, name_key, genres) "
        "VALUES ('x', 'X', 'x', ARRAY[repeat('a', 1200000)] || array_fill('b'::text, ARRAY[60])), ('y', 'Y', 'y', NULL)"
    )
    [(version,)] = source.execute("SELECT version FROM raw.listener").fetchall()
    python = os.environ.get("MIGRATE_PYTHON", sys.executable)
    subprocess.run([python, "-m", "sql.migrate", "source", "--url", source_url], cwd=ROOT, check=True, timeout=120)
    plays = "SELECT track_title FROM raw.play ORDER BY ended_at"
    assert source.execute(plays).fetchall() == [(CUT,), ("Song",)]
    assert source.execute("SELECT version FROM raw.listener").fetchall() == [(version + 1,)]
    assert source.execute("SELECT genres FROM raw.catalog_artist ORDER BY 1").fetchall() == [
        ([CUT, *["b"] * (MOST_GENRES - 1)],),
        (None,),
    ]
    with psycopg.connect(source_url) as connection:
        recompute(connection, "ana", None)
    assert source.execute(plays).fetchall() == [(CUT,), ("Song",)]
