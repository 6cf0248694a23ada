"""The stored counts equal a scan of all plays after any sequence of changes, and reading them does not scan the plays."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flask_endpoint import database
from flask_endpoint.enrichment.state import COUNTS, NEXT
from flask_endpoint.landing.batches import land_poll
from flask_endpoint.settings import Settings
from flask_endpoint.web.pages.home import LISTENERS
from flask_endpoint.web.pages.metrics import METRICS
from tests.flask_endpoint.enrichment.random_changes import PEOPLE, TITLES, RandomChanges
from tests.flask_endpoint.enrichment.scanned_counts import assert_counts_are_exact
from tests.flask_endpoint.reconciliation.listening import Listening, account, extended, item, spotify_id

CHANGES = 40


@pytest.fixture
def url(endpoint_settings: Settings) -> str:
    """The URL of a source database with the rights of the endpoint."""
    return str(endpoint_settings.endpoint_database_url.get_secret_value())


@pytest.mark.parametrize("seed", range(4))
def test_counts_equal_scan_after_random_changes(
    seed: int, url: str, endpoint_settings: Settings, tmp_path: Path, source: psycopg.Connection
) -> None:
    changes = RandomChanges(seed, url, endpoint_settings, tmp_path)
    for _ in range(CHANGES):
        changes.make_one()
        assert_counts_are_exact(source)


def test_counts_equal_scan_after_manual_changes(url: str, source: psycopg.Connection) -> None:
    with database.connect(url) as connection:
        Listening(connection, "ana").import_(extended(0), extended(60, "Other"), account(10, "Third"))
        land_poll(connection, "ana", [item(0), item(90, "Fourth")], polled_at=datetime.now(UTC))
    for statement in (
        "UPDATE raw.play SET track_id = '0000000000000000000009', listener_id = 'ben' WHERE track_title = 'Song'",
        "UPDATE landing.play SET track_id = '0000000000000000000008' WHERE title = 'Fourth'",
        "UPDATE landing.play SET kind = 'episode' WHERE title = 'Song'",
        "INSERT INTO raw.id_map SELECT track_id, '0000000000000000000007' FROM raw.play WHERE track_title = 'Third'",
        "UPDATE raw.id_map SET spotify_id = '0000000000000000000006'",
        "INSERT INTO raw.catalog_track (track_id, title, title_key, album_id, artist_ids) "
        "VALUES ('0000000000000000000006', 'a', 'a', 'b', '{c,d,c}')",
        "UPDATE raw.catalog_track SET track_id = '0000000000000000000008', artist_ids = '{e}', fetched_at = now()",
        "TRUNCATE raw.catalog_track",
        "DELETE FROM landing.play",
        "BEGIN; INSERT INTO raw.play SELECT 'new', listener_id, now(), 1, kind, track_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, "
        "NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, origin FROM raw.play LIMIT 1; DELETE FROM raw.id_map; COMMIT",
        "TRUNCATE raw.play",
    ):
        source.execute(statement)
        assert_counts_are_exact(source)


def test_rolled_back_changes_are_not_counted(url: str, source: psycopg.Connection) -> None:
    with database.connect(url) as connection:
        ana = Listening(connection, "ana")
        ana.import_(extended(0))
        connection.commit()
        ana.import_(extended(60, "Other"))
        connection.rollback()
    assert_counts_are_exact(source)
    assert source.execute("SELECT * FROM raw.listener_play_count").fetchall() == [("ana", 1)]


def test_parallel_imports_of_the_same_tracks_lose_no_play(url: str, source: psycopg.Connection) -> None:
    everyone_has_written = threading.Barrier(len(PEOPLE))
    failures: list[Exception] = []

    def import_all(listener_id: str) -> None:
        try:
            with database.connect(url) as connection:
                Listening(connection, listener_id)
                connection.commit()
                titles = TITLES if listener_id == "ana" else TITLES[::-1]
                for n, title in enumerate(titles):
                    connection.execute(
                        "INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin) "
                        "VALUES (%s, %s, now(), 'track', %s, false, 'extended')",
                        (f"{listener_id} {n}", listener_id, spotify_id(title)),
                    )
                everyone_has_written.wait(timeout=30)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=import_all, args=(listener_id,)) for listener_id in PEOPLE]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert_counts_are_exact(source)
    assert source.execute("SELECT DISTINCT play_count FROM raw.enrichment").fetchall() == [(len(PEOPLE),)]


@pytest.mark.parametrize(
    "query",
    [LISTENERS, COUNTS, NEXT.replace("%s", "100"), *(query for *_, query in METRICS if "play" in query)],
)
def test_reading_counts_does_not_scan_plays(query: str, source: psycopg.Connection) -> None:
    source.execute(
        "INSERT INTO raw.listener (listener_id, display_name) SELECT 'l' || n, 'L' FROM generate_series(1, 20) AS n; "
        "INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin) "
        "SELECT n::text, 'l' || n % 20, timestamptz '2024-01-01Z' + n * interval '1 minute', 'track', lpad((n % 15000)::text, 22, '0'), false, "
        "'extended' FROM generate_series(1, 20000) AS n"
    )
    source.execute(
        "VACUUM ANALYZE raw.play, raw.listener, raw.enrichment_item, raw.unavailable, raw.listener_play_count"
    )
    [(explained,)] = source.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}").fetchall()
    for node in plan_nodes(explained[0]["Plan"]):
        if node.get("Relation Name") == "play":
            assert node["Node Type"] in ("Index Scan", "Index Only Scan"), node
            assert "listener_id" in node["Index Cond"], "only the first or last play of one listener is read"
            assert node["Actual Rows"] <= 1
        if node.get("Relation Name") == "enrichment_item":
            assert node["Node Type"] in ("Index Scan", "Index Only Scan"), node
            assert node["Actual Rows"] <= 100


def plan_nodes(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a plan's node and all nodes below it."""
    return [node, *(below for child in node.get("Plans", []) for below in plan_nodes(child))]
