"""Loading catalog files: which values they set, how they rank below Spotify's own, and repeated loads."""

import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from werkzeug.test import TestResponse

from flask_endpoint.catalog import files
from flask_endpoint.catalog.files import CatalogLoad, FileItems, load_catalog_file
from flask_endpoint.catalog.store import store_catalog
from flask_endpoint.cli import commands
from flask_endpoint.plays.names import provisional_id
from flask_endpoint.progress import Progress
from flask_endpoint.settings import Settings
from tests.flask_endpoint.catalog.songs import ALBUM, ARTIST, ONE, TRACKS, TWO
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.jobs.running import job, run_worker
from tests.flask_endpoint.web.uploads import stored_uploads
from tests.flask_endpoint.web_stack import OPERATOR, MakeApp, client_of

REAL = Path(__file__).parents[4] / "shared" / "data" / "catalog" / "spotify_songs.csv.gz"


def test_file_sets_its_columns_and_items_still_wait_for_spotify(
    load: Callable[..., CatalogLoad], source: psycopg.Connection
) -> None:
    loaded = load({}, {"playlist_name": "Classics"})
    assert (loaded.rows_read, loaded.refused, loaded.tracks, loaded.albums) == (
        2,
        {},
        FileItems(1, 1, 0),
        FileItems(1, 1, 0),
    )
    assert source.execute(TRACKS).fetchall() == [("Gloria", ALBUM, 354_000, 66, True)]
    assert source.execute("SELECT artist_ids, track_number, isrc, fetched_at FROM raw.catalog_track").fetchall() == [
        ([], None, None, None)
    ]
    assert source.execute(
        "SELECT title, release_date::text, release_precision, total_tracks, artist_ids, fetched_at FROM raw.catalog_album"
    ).fetchall() == [("Horses", "1975-11-01", "month", None, [], None)]
    source.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana')")
    source.execute(
        "INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin) "
        "VALUES ('p', 'ana', now(), 'track', %s, false, 'extended')",
        (ONE,),
    )
    assert source.execute("SELECT item_id, state FROM raw.enrichment ORDER BY 1").fetchall() == [
        (ONE, "waiting"),
        (ALBUM, "waiting"),
    ]


def test_second_load_changes_nothing_and_newer_file_replaces_values_of_older_file(
    load: Callable[..., CatalogLoad], source: psycopg.Connection
) -> None:
    load({}, {"track_id": TWO})
    assert load({}, {"track_id": TWO}).tracks == FileItems(2, 0, 0)
    newest = {"track_album_release_date": "1975-11-10"}
    newer = load({"track_popularity": "70"} | newest, {"track_id": TWO} | newest)
    assert (newer.tracks, newer.albums) == (FileItems(2, 0, 1), FileItems(1, 0, 1))
    assert [row[3] for row in source.execute(TRACKS)] == [70, 66]
    assert load({"track_popularity": "", "duration_ms": "NA"}).tracks == FileItems(1, 0, 0), (
        "a missing value does not replace a stored one"
    )


@pytest.mark.parametrize("fetched_at", [datetime(2026, 1, 2, tzinfo=UTC), None], ids=["fetched", "from a play"])
def test_file_does_not_replace_values_from_spotify(
    load: Callable[..., CatalogLoad], source: psycopg.Connection, fetched_at: datetime | None
) -> None:
    track = {"id": ONE, "name": "Gloria: In Excelsis Deo", "duration_ms": 357_000, "album": {"id": "0" * 20 + "a9"}}
    album = {"id": ALBUM, "name": "Horses (Remastered)", "release_date": "1975"}
    _store(source, {"tracks": [track], "albums": [album], "fetched_at": fetched_at})
    loaded = load({})
    assert (loaded.tracks, loaded.albums) == (FileItems(1, 0, 1), FileItems(1, 0, 0))
    assert source.execute(TRACKS).fetchall() == [("Gloria: In Excelsis Deo", "0" * 20 + "a9", 357_000, 66, False)], (
        "but it fills a missing value"
    )
    assert source.execute("SELECT title, release_date::text, release_precision FROM raw.catalog_album").fetchall() == [
        ("Horses (Remastered)", "1975-01-01", "year")
    ]
    assert source.execute("SELECT fetched_at FROM raw.catalog_track").fetchall() == [(fetched_at,)]


@pytest.mark.parametrize("fetched_at", [datetime(2026, 1, 2, tzinfo=UTC), None], ids=["fetched", "from a play"])
def test_later_values_from_spotify_replace_those_of_a_file(
    load: Callable[..., CatalogLoad], source: psycopg.Connection, fetched_at: datetime | None
) -> None:
    load({})
    _store(source, {"tracks": [{"id": ONE, "name": "Gloria", "duration_ms": 357_000}], "fetched_at": fetched_at})
    assert source.execute(TRACKS).fetchall() == [("Gloria", ALBUM, 357_000, 66, False)]
    assert load({}).tracks == FileItems(1, 0, 0)


def test_equal_answer_from_spotify_protects_the_row_from_later_files(
    load: Callable[..., CatalogLoad], source: psycopg.Connection
) -> None:
    load({})
    same = {"id": ONE, "name": "Gloria", "duration_ms": 354_000}
    _store(source, {"tracks": [same]})
    load({"track_name": "Another"})
    assert [row[0] for row in source.execute(TRACKS)] == ["Gloria"]


def test_artist_name_in_file_maps_provisional_id_until_spotify_gives_artists(
    load: Callable[..., CatalogLoad], source: psycopg.Connection
) -> None:
    named = provisional_id("track", "patti smith", "gloria")
    mapping = "SELECT spotify_id FROM raw.id_map WHERE provisional_id = %s"
    load({})
    assert source.execute(mapping, (named,)).fetchall() == [(ONE,)]
    _store(
        source,
        {
            "tracks": [{"id": TWO, "name": "Gloria", "artists": [{"id": ARTIST, "name": "Patti Smith"}]}],
            "artists": [{"id": ARTIST, "name": "Patti Smith"}],
        },
    )
    assert source.execute(mapping, (named,)).fetchall() == [(TWO,)], (
        "Spotify's evidence has precedence, even with a greater id"
    )
    credited = {"id": ONE, "name": "Gloria", "artists": [{"id": "0" * 20 + "p9", "name": "Them"}]}
    _store(source, {"tracks": [credited], "artists": credited["artists"]})
    assert source.execute("SELECT source FROM raw.id_evidence WHERE source LIKE 'file:%'").fetchall() == []


def test_change_of_item_raises_version_of_its_listeners(
    load: Callable[..., CatalogLoad], source: psycopg.Connection
) -> None:
    source.execute("INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana'), ('ben', 'Ben')")
    source.execute("INSERT INTO raw.item_use VALUES (%s, 'ana')", (ONE,))
    load({})
    load({})
    assert source.execute("SELECT listener_id, version FROM raw.listener ORDER BY 1").fetchall() == [
        ("ana", 2),
        ("ben", 1),
    ]


def test_dry_run_returns_the_same_result_and_changes_nothing(
    load: Callable[..., CatalogLoad], source: psycopg.Connection
) -> None:
    dry = load({}, {"track_id": "x"}, is_dry_run=True)
    assert source.execute(TRACKS).fetchall() == []
    wet = load({}, {"track_id": "x"})
    assert (dry.tracks, dry.albums, dry.refused, dry.is_dry_run) == (wet.tracks, wet.albums, wet.refused, True)


def test_load_reports_its_progress(
    endpoint_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS_PER_STAGE", 1)
    file = tmp_path / "songs.csv"
    file.write_text(f"track_id,track_name\n{ONE},Gloria\n")
    reports: list[Progress] = []
    load_catalog_file(endpoint_settings, file, progress=reports.append)
    size = file.stat().st_size
    assert reports == [Progress("reading", "songs.csv", 1, size, size), Progress("storing")]


def test_uploaded_file_is_loaded_by_a_job_and_deleted(
    make_app: MakeApp, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    app = make_app(faults.url)
    operator = client_of(app)
    packed = gzip.compress(f"track_id,track_name\n{ONE},Gloria\nx,y\n".encode())

    def upload(**form: str) -> TestResponse:
        file = (io.BytesIO(packed), "songs.csv.gz")
        return operator.post("/v1/catalog", data={**form, "files": file}, headers=OPERATOR)

    results = []
    for form in ({"dry_run": "1"}, {}):
        queued = upload(**form)
        assert queued.status_code == 202
        run_worker(app)
        results.append(job(operator, queued.get_json()["job_id"])["result"])
    assert [result["is_dry_run"] for result in results] == [True, False]
    assert [result["tracks"] for result in results] == [{"told": 1, "added": 1, "changed": 0}] * 2
    assert results[1]["refused"] == {"track_id is not a Spotify id (22 letters and digits)": 1}
    assert stored_uploads(app) == []
    assert (
        operator.post("/v1/catalog", headers=OPERATOR)
        .get_json()["error"]["message"]
        .startswith("Send exactly one catalog file")
    )


def test_command_prints_result_and_error(
    endpoint_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "load_settings", lambda _: endpoint_settings)
    file = tmp_path / "songs.csv"
    file.write_text(f"track_id,track_name\n{ONE},Gloria\nx,y\n")
    done = CliRunner().invoke(commands.cli, ["catalog", "--dry-run", "--json", str(file)])
    assert done.exit_code == 0, done.output
    assert "dry run; nothing was changed" in done.output
    assert "1 rows were refused: track_id is not a Spotify id" in done.output
    assert json.loads(done.output.splitlines()[-1])["tracks"] == {"told": 1, "added": 1, "changed": 0}
    file.write_text("a,b\n")
    refused = CliRunner().invoke(commands.cli, ["catalog", str(file)])
    assert (refused.exit_code, "has no column track_id" in refused.output) == (1, True)


@pytest.mark.skipif(not REAL.exists(), reason="The real catalog file is only on development machines.")
def test_real_catalog_file_loads_once(endpoint_settings: Settings, source: psycopg.Connection) -> None:
    first = load_catalog_file(endpoint_settings, REAL)
    assert (first.rows_read, first.refused) == (32_833, {"track_name is empty": 5})
    assert (first.tracks, first.albums) == (FileItems(28_352, 28_352, 0), FileItems(22_543, 22_543, 0))
    assert load_catalog_file(endpoint_settings, REAL).tracks == FileItems(28_352, 0, 0)


def _store(source: psycopg.Connection, objects: dict[str, Any]) -> None:
    with source.transaction():
        store_catalog(source, **objects)
