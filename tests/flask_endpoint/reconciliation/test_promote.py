"""Promotion around the matching: retries, polls, coverage, ids, versions, undo, two at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from flask_endpoint.catalog.store import store_catalog
from flask_endpoint.database import connect
from flask_endpoint.errors import Conflict, NotFound
from flask_endpoint.exports.sources import find_sources
from flask_endpoint.landing.batches import land_import, land_poll
from flask_endpoint.listeners.listeners import ensure_listener
from flask_endpoint.plays.names import provisional_id
from flask_endpoint.reconciliation.forget import delete_listeners, delete_polled, delete_simulated
from flask_endpoint.reconciliation.promote import promote
from flask_endpoint.reconciliation.undo import undo_import
from tests.flask_endpoint.reconciliation.listening import NOW, START, account, extended, item, spotify_id


def test_promoting_again_answers_the_same_and_changes_nothing(ana):
    _, batch_id = ana.land(extended(10), extended(20, ms=-1))
    first = promote(ana.connection, batch_id)
    state, version = ana.state(), ana.version()
    assert promote(ana.connection, batch_id) == first
    assert (first.rows_read, first.rows_added, first.rows_rejected) == (2, 1, 1)
    assert (ana.state(), ana.version()) == (state, version)


def test_a_batch_that_is_not_there_and_one_that_is_undone_are_refused(ana):
    with pytest.raises(NotFound, match="There is no batch 987654321"):
        promote(ana.connection, 987654321)
    import_id, batch_id = ana.land(extended(10))
    undo_import(ana.connection, import_id)
    with pytest.raises(Conflict, match="is undone"):
        promote(ana.connection, batch_id)


def test_undo_refuses_what_it_cannot_undo(ana):
    with pytest.raises(NotFound, match="There is no import 987654321"):
        ana.undo(987654321)
    ana.import_(extended(10))
    ana.undo()
    with pytest.raises(Conflict, match="was undone already"):
        ana.undo()


def test_every_accepted_row_is_kept_with_the_play_it_became(ana):
    ana.import_(extended(61), extended(500, title=None), account(1))
    rows = ana.connection.execute(
        "SELECT r.origin, r.kind, p.play_id IS NOT NULL FROM raw.received AS r LEFT JOIN raw.play AS p USING (play_id) "
        "WHERE r.listener_id = 'ana' ORDER BY r.origin, r.ended_at"
    ).fetchall()
    assert rows == [("account", "track", True), ("extended", "track", True), ("extended", None, False)]


def test_the_same_page_read_twice_is_kept_once(ana):
    page = [item(offset) for offset in range(0, 100, 10)]
    assert ana.poll(*page).rows_added == 10
    again = ana.poll(*page, item(500))
    assert (again.rows_added, again.rows_repeated) == (1, 10)
    assert ana.connection.execute("SELECT count(*) FROM raw.received").fetchone() == (11,)


def test_a_play_that_arrives_after_a_newer_one_is_kept(ana):
    ana.poll(item(1000))
    assert ana.poll(item(10), item(1000)).rows_added == 1


def test_a_poll_that_is_not_understood_is_counted_with_its_reason(ana):
    balance = ana.poll(item(10), {"track": {}}, None, item(20) | {"track": None})
    assert (balance.rows_read, balance.rows_added, balance.rows_rejected) == (4, 1, 3)


def spans(ana):
    """Coverage, in seconds after the start."""
    rows = ana.connection.execute("SELECT started_at, ended_at, basis FROM raw.coverage ORDER BY started_at").fetchall()
    return [((a - START).total_seconds(), (b - START).total_seconds(), basis) for a, b, basis in rows]


@pytest.mark.parametrize("count", [50, 49, 1])
def test_polls_that_overlap_cover_one_span_and_one_without_a_known_play_opens_another(ana, count):
    ana.poll(*[item(offset) for offset in range(0, 500, 10)])
    ana.poll(*[item(offset) for offset in range(100, 600, 10)])
    ana.poll(*[item(offset) for offset in range(9000, 9000 + 10 * count, 10)])
    assert spans(ana) == [(0, 590, "polled"), (9000, 8990 + 10 * count, "polled")]


def test_a_poll_that_waits_for_the_gate_breaks_the_span_until_it_is_promoted(ana):
    def land(*offsets):
        items, polled_at = [item(offset) for offset in offsets], datetime(2024, 6, 2, offsets[0] % 24, tzinfo=UTC)
        return land_poll(ana.connection, "ana", items, polled_at=polled_at)

    first, waiting, last = land(0, 10), land(11, 10, 20), land(22, 20, 30)
    promote(ana.connection, first)
    promote(ana.connection, last)
    assert spans(ana) == [(0, 10, "polled"), (20, 30, "polled")]
    promote(ana.connection, waiting)
    assert spans(ana) == [(0, 30, "polled")]


def test_a_complete_export_covers_its_span_until_it_is_undone(ana):
    ana.import_(extended(10), extended(1000))
    assert [(row[3], (row[2] - row[1]).total_seconds()) for row in ana.state()["coverage"]] == [("export", 990)]
    ana.undo()
    assert ana.state()["coverage"] == []


def land_files(ana, folder, files):
    """Import these files, by name; names may hold folders of their own."""
    paths = []
    for name, rows in files.items():
        paths.append(folder / name)
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_text(json.dumps(rows))
    (import_id,) = ana.connection.execute(
        "INSERT INTO raw.import (listener_id, files) VALUES ('ana', '{}') RETURNING import_id"
    ).fetchone()
    sources = find_sources(paths)
    batch_id, _ = land_import(ana.connection, "ana", import_id, sources, now=NOW, report_rows=lambda _file, _rows: None)
    promote(ana.connection, batch_id)


def test_two_exports_in_one_import_cover_no_more_than_each_of_them(ana, tmp_path):
    land_files(
        ana,
        tmp_path,
        {
            "old/StreamingHistory0.json": [account(0), account(10)],
            "new/StreamingHistory_music_0.json": [account(5000), account(5010)],
        },
    )
    assert spans(ana) == [(0, 600, "export"), (300_000, 300_600, "export")]


def test_a_longer_span_of_less_certainty_goes_on_where_one_with_the_same_start_ends(ana, tmp_path):
    land_files(ana, tmp_path, {"endsong_1.json": [extended(0), extended(900)]})
    land_files(ana, tmp_path, {"endsong_0.json": [extended(0), extended(300)]})
    assert spans(ana) == [(0, 300, "export"), (300, 900, "partly")]


def test_the_version_rises_only_when_something_of_the_listener_changed(ana, listener):
    bob, before = listener("bob"), ana.version()
    ana.import_(extended(10))
    assert ana.version() == before + 1
    ana.import_(extended(10))
    assert ana.version() == before + 1
    assert bob.version() == 1


def mapped(connection, provisional):
    row = connection.execute("SELECT spotify_id FROM raw.id_map WHERE provisional_id = %s", (provisional,)).fetchone()
    return row and row[0]


def test_a_provisional_id_maps_to_the_smallest_id_with_the_same_names_and_its_listeners_hear_of_it(ana, listener):
    bob, song = listener("bob"), provisional_id("track", "band", "song")
    bob.import_(account(1))
    version = bob.version()
    ana.import_(extended(10, spotify_track_uri="spotify:track:" + "m" * 22))
    assert (mapped(ana.connection, song), bob.version()) == ("m" * 22, version + 1)
    second = ana.import_(extended(20, spotify_track_uri="spotify:track:" + "b" * 22))
    assert (mapped(ana.connection, song), bob.version(), second.rows_added) == ("b" * 22, version + 2, 1)
    ana.import_(extended(30, spotify_track_uri="spotify:track:" + "z" * 22))
    assert (mapped(ana.connection, song), bob.version()) == ("b" * 22, version + 2)


def test_undoing_takes_the_mapping_back(ana):
    ana.import_(extended(10))
    assert mapped(ana.connection, provisional_id("track", "band", "song")) == spotify_id("Song")
    ana.undo()
    assert mapped(ana.connection, provisional_id("track", "band", "song")) is None


def test_a_poll_maps_artist_and_album_too(ana):
    ana.import_(account(500))
    ana.poll(item(10))
    assert mapped(ana.connection, provisional_id("artist", "band")) == spotify_id("Band")
    assert mapped(ana.connection, provisional_id("album", "band", "record")) == spotify_id("album of Song")


TRACK = {
    "id": spotify_id("catalogue track"),
    "name": "Song",
    "artists": [{"id": spotify_id("Band"), "name": "Band"}, {"id": spotify_id("Guest"), "name": "Guest"}],
    "album": {"id": spotify_id("album")},
    "duration_ms": 200_000,
    "explicit": False,
    "popularity": 50,
    "external_ids": {"isrc": "XX1234567890"},
}
ALBUM = {
    "id": spotify_id("album"),
    "name": "Record",
    "artists": TRACK["artists"][:1],
    "release_date": "1975",
    "total_tracks": 9,
}
ARTIST = {"id": spotify_id("Band"), "name": "Band", "genres": [], "images": [{"url": "https://i.example/1"}]}


def test_the_catalogue_names_ids_and_tells_the_listeners_who_played_them(ana, listener):
    bob = listener("bob")
    ana.import_(account(1))
    version = ana.version()
    changed = store_catalog(
        ana.connection, tracks=[TRACK], albums=[ALBUM], artists=[ARTIST], fetched_at=datetime.now(UTC)
    )
    assert changed == 3
    assert mapped(ana.connection, provisional_id("track", "band", "song")) == TRACK["id"]
    assert mapped(ana.connection, provisional_id("album", "band", "record")) == ALBUM["id"]
    assert mapped(ana.connection, provisional_id("artist", "band")) == ARTIST["id"]
    assert (ana.version(), bob.version()) == (version + 1, 1)


def test_an_artist_stored_after_the_track_names_it_then(ana):
    store_catalog(ana.connection, tracks=[TRACK])
    assert mapped(ana.connection, provisional_id("track", "band", "song")) is None
    store_catalog(ana.connection, artists=[ARTIST])
    assert mapped(ana.connection, provisional_id("track", "band", "song")) == TRACK["id"]


def test_storing_the_same_again_changes_nothing(ana):
    ana.import_(account(1))
    store_catalog(ana.connection, tracks=[TRACK], artists=[ARTIST], fetched_at=datetime.now(UTC))
    version = ana.version()
    assert store_catalog(ana.connection, tracks=[TRACK], artists=[ARTIST], fetched_at=datetime.now(UTC)) == 0
    assert ana.version() == version


def test_a_simplified_object_or_a_missing_field_takes_nothing_away(ana):
    fetched = datetime(2026, 1, 2, tzinfo=UTC)
    store_catalog(ana.connection, tracks=[TRACK], fetched_at=fetched)
    store_catalog(ana.connection, tracks=[{"id": TRACK["id"], "name": "Simple", "artists": []}])
    store_catalog(
        ana.connection,
        tracks=[{k: v for k, v in TRACK.items() if k != "popularity"}],
        fetched_at=fetched + timedelta(days=1),
    )
    row = ana.connection.execute(
        "SELECT title, popularity, artist_ids[2], isrc, fetched_at FROM raw.catalog_track"
    ).fetchone()
    assert row == ("Song", 50, spotify_id("Guest"), "XX1234567890", fetched + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("1975", ("1975-01-01", "year")),
        ("1975-03", ("1975-03-01", "month")),
        ("1975-03-09", ("1975-03-09", "day")),
        ("0000", None),
        (None, None),
    ],
)
def test_a_release_date_is_stored_as_precise_as_it_is(ana, text, stored):
    store_catalog(ana.connection, albums=[ALBUM | {"release_date": text, "images": [], "artists": None}])
    row = ana.connection.execute("SELECT release_date::text, release_precision FROM raw.catalog_album").fetchone()
    assert row == (stored or (None, None))


@pytest.mark.parametrize(
    "broken", [{}, {"id": None, "name": "x"}, {"id": spotify_id("x"), "name": None}, {"id": "x", "name": "short id"}]
)
def test_an_object_without_id_or_name_is_passed_over(ana, broken):
    assert store_catalog(ana.connection, tracks=[broken], albums=[broken], artists=[broken]) == 0


def test_deleting_the_simulated_listeners_leaves_everybody_else_as_they_were(ana, connection, listener):
    ana.import_(account(1), extended(500, "Shared"))
    store_catalog(connection, tracks=[TRACK | {"id": spotify_id("Shared"), "name": "Shared"}])
    before = ana.state()
    ensure_listener(connection, "sim", is_simulated=True)
    sim = listener("sim")
    sim.import_(extended(10), extended(500, "Shared"), extended(900, "Only theirs"), extended(1300, "In a file"))
    connection.execute(
        "INSERT INTO raw.catalog_track (track_id, title, title_key, artist_ids, is_from_file) VALUES (%s, 'In a file', 'in a file', '{}', true)",
        (spotify_id("In a file"),),
    )
    sim.poll(item(10))
    store_catalog(connection, tracks=[TRACK | {"id": spotify_id("Only theirs"), "name": "Only theirs"}])
    assert delete_simulated(connection) == ["sim"]
    after = ana.state()
    assert {name: after[name] for name in ("play", "received", "coverage", "use", "evidence")} == {
        name: before[name] for name in ("play", "received", "coverage", "use", "evidence")
    }
    assert connection.execute("SELECT listener_id FROM raw.listener").fetchall() == [("ana",)]
    kept = connection.execute("SELECT track_id FROM raw.catalog_track ORDER BY 1").fetchall()
    assert kept == [(spotify_id("In a file"),), (spotify_id("Shared"),)], "what only a file told is nobody's"
    assert delete_simulated(connection) == []


def test_two_promotions_of_one_listener_at_once_come_one_after_the_other(source_database):
    listener_id, count = "two-at-once", 4
    with connect(source_database) as connection:
        ensure_listener(connection, listener_id)
        batches = [
            land_poll(connection, listener_id, [item(10), item(20 + n)], polled_at=datetime(2024, 6, 1, tzinfo=UTC))
            for n in range(count)
        ]

    def take(batch_id):
        with connect(source_database) as connection:
            return promote(connection, batch_id)

    try:
        with ThreadPoolExecutor(count) as pool:
            balances = list(pool.map(take, batches))
        assert sum(balance.rows_added for balance in balances) == count + 1
        with psycopg.connect(source_database) as connection:
            plays = connection.execute(
                "SELECT count(*) FROM raw.play WHERE listener_id = %s", (listener_id,)
            ).fetchone()
        assert plays == (count + 1,)
    finally:
        with connect(source_database) as connection:
            connection.execute("UPDATE raw.listener SET is_simulated = true WHERE listener_id = %s", (listener_id,))
            delete_simulated(connection)


@pytest.fixture
def two(source_database):
    """Two connections that see each other's commits, with a listener of their own who is deleted at the end."""
    with connect(source_database) as one, connect(source_database) as other:
        ensure_listener(one, "cleo")
        one.commit()
        for connection in (one, other):
            connection.execute("SET lock_timeout = 50")
            connection.commit()
        yield one, other
        one.rollback()
        other.rollback()
        delete_listeners(one, ["cleo"])


def land(connection, *offsets):
    return land_poll(
        connection, "cleo", [item(offset) for offset in offsets], polled_at=datetime(2024, 6, 1, tzinfo=UTC)
    )


def rows_of(connection, batch_id):
    return connection.execute("SELECT count(*) FROM landing.play WHERE batch_id = %s", (batch_id,)).fetchone()[0]


@pytest.mark.parametrize("forget", [lambda c: delete_listeners(c, ["cleo"]), lambda c: delete_polled(c, "cleo")])
def test_a_deletion_waits_for_what_is_being_landed_and_leaves_none_of_it(two, forget):
    one, other = two
    batch_id = land(one, 10, 20)
    with pytest.raises(psycopg.errors.LockNotAvailable):
        forget(other)
    other.rollback()
    one.commit()
    forget(other)
    other.commit()
    assert rows_of(one, batch_id) == 0


def test_a_landing_waits_for_a_deletion_and_then_says_that_the_listener_is_gone(two):
    one, other = two
    delete_listeners(one, ["cleo"])
    with pytest.raises(psycopg.errors.LockNotAvailable):
        land(other, 10)
    other.rollback()
    one.commit()
    with pytest.raises(NotFound, match="cleo was deleted meanwhile"):
        land(other, 10)
    assert other.execute("SELECT count(*) FROM landing.batch WHERE listener_id = 'cleo'").fetchone() == (0,)
