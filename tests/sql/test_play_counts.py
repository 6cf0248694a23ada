"""The migrations that add play counts count the plays that a source database already has."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.flask_endpoint.enrichment.scanned_counts import assert_counts_are_exact

MIGRATIONS = sorted((Path(__file__).parents[2] / "sql" / "source" / "migrations").glob("*.sql"))
FIRST_COUNTS = "20261129000100"
EXISTING_DATA = """
    INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana'), ('ben', 'Ben');
    INSERT INTO raw.play (play_id, listener_id, ended_at, kind, track_id, is_private, origin)
    SELECT n::text, CASE WHEN n % 3 = 0 THEN 'ben' ELSE 'ana' END, now(), CASE WHEN n % 7 = 0 THEN 'episode' ELSE 'track' END,
        CASE WHEN n % 5 = 0 THEN 'x:track:' || n % 4 ELSE lpad((n % 11)::text, 22, '0') END, false, 'extended'
    FROM generate_series(1, 200) AS n;
    INSERT INTO landing.batch (listener_id, kind) VALUES ('ana', 'poll');
    INSERT INTO landing.play (batch_id, row_number, item_id, origin, ts, ended_at, is_end_computed, kind, track_id, is_private)
    SELECT batch_id, 1, 'new', 'api', now(), now(), false, 'track', lpad('99', 22, '0'), false FROM landing.batch;
    INSERT INTO raw.id_map VALUES ('x:track:0', lpad('5', 22, '0')), ('x:track:1', lpad('77', 22, '0'));
    INSERT INTO raw.catalog_track (track_id, title, title_key, album_id, artist_ids, fetched_at)
    SELECT lpad(n::text, 22, '0'), 'Song', 'song', 'album ' || n % 2, ARRAY['one', 'artist ' || n % 3], CASE WHEN n % 2 = 0 THEN now() END
    FROM generate_series(1, 8) AS n;
    INSERT INTO raw.catalog_artist (artist_id, name, name_key, fetched_at) VALUES ('one', 'One', 'one', now());
    INSERT INTO raw.unavailable (item_kind, item_id, asked_at, retry_at, reason) VALUES ('album', 'album 1', now(), now() + interval '1 day', 'Test.');
"""


@pytest.fixture
def database(server_url: str) -> Iterator[psycopg.Connection]:
    """Return a connection to an empty database."""
    name = f"sql_test_counts_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server_url, autocommit=True, connect_timeout=10) as server:
        server.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(urlunsplit(urlsplit(server_url)._replace(path=f"/{name}")), autocommit=True) as connection:
            yield connection
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def apply(connection: psycopg.Connection, migration: Path) -> None:
    with connection.transaction():
        connection.execute(migration.read_text().split("-- migrate:down")[0].encode())
    connection.execute("RESET ALL")


def test_migration_counts_existing_plays(database: psycopg.Connection) -> None:
    for migration in MIGRATIONS:
        if migration.name < FIRST_COUNTS:
            apply(database, migration)
    database.execute(EXISTING_DATA)
    for migration in MIGRATIONS:
        if migration.name >= FIRST_COUNTS:
            apply(database, migration)
    assert_counts_are_exact(database)
    assert {row[0] for row in database.execute("SELECT state FROM raw.enrichment")} == {"known", "failed", "waiting"}


def test_pause_of_the_version_that_wrote_another_name_is_kept(database: psycopg.Connection) -> None:
    *earlier, last = [migration for migration in MIGRATIONS if migration.name <= "20261129001300_count_fewer_rows.sql"]
    for migration in earlier:
        apply(database, migration)
    database.execute("INSERT INTO vault.pause VALUES ('catalog', now() + interval '1 hour', 'QUOTA_EXCEEDED')")
    apply(database, last)
    assert database.execute("SELECT subject, reason FROM vault.pause").fetchall() == [("catalogue", "QUOTA_EXCEEDED")]
