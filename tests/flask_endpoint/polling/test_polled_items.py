"""The items of a poll: what is landed and stored of each, also of items with missing values and of many."""

from datetime import UTC, datetime, timedelta

import psycopg

from flask_endpoint.context import Endpoint
from flask_endpoint.polling.sync import sync
from tests.flask_endpoint.faulty_spotify import FaultySpotify
from tests.flask_endpoint.polled_plays import (
    ALBUM,
    ARTIST,
    GUEST,
    RECENT,
    TRACKS,
    add_connected_listener,
    no_wait,
    page,
    play,
    promote_all,
)
from tests.flask_endpoint.web_stack import MakeApp, client_of, connect, endpoint_of


def test_poll_lands_milliseconds_ids_and_names(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z") | {"context": {"uri": "spotify:playlist:p"}}))
    result = sync(endpoint, no_wait)
    (batch,) = result["batches"]
    assert (batch["listener_id"], batch["rows"], result["failures"]) == ("ana", 1, [])
    row = source.execute(
        "SELECT ended_at, ms_played, track_id, artist_id, album_id, title, artist_name, album_title, context_uri FROM landing.play"
    ).fetchone()
    ended_at = datetime(2026, 11, 20, 10, 0, 0, 352_000, UTC)
    assert row == (
        ended_at,
        None,
        TRACKS[0],
        ARTIST,
        ALBUM,
        f"Track {TRACKS[0]}",
        "One",
        "Horses",
        "spotify:playlist:p",
    )


def test_local_file_without_id_is_landed_once(endpoint: Endpoint, faults: FaultySpotify) -> None:
    add_connected_listener(endpoint, "ana")
    local = play(
        None,
        "2026-11-20T10:00:00.352Z",
        name="Demo tape",
        artists=[{"id": None, "name": "Us"}],
        album={"id": None, "name": ""},
    )
    faults.will(RECENT, page(local))
    promote_all(endpoint, sync(endpoint, no_wait))
    assert sync(endpoint, no_wait)["batches"] == []


def test_unreadable_items_are_rejected_only_together_with_new_play(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    odd = [{"track": None, "played_at": "soon"}, None, {"track": {"id": 5}, "played_at": None}]
    faults.will(RECENT, page(*odd))
    assert sync(endpoint, no_wait)["batches"] == []
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z"), *odd))
    (batch,) = sync(endpoint, no_wait)["batches"]
    assert batch["rows"] == 1
    assert source.execute("SELECT count(*) FROM landing.rejected").fetchone() == (3,)


def test_poll_stores_track_album_and_artists_of_plays(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    sync(endpoint, no_wait)
    track = source.execute(
        "SELECT artist_ids, album_id, duration_ms, popularity, fetched_at IS NOT NULL FROM raw.catalog_track"
    ).fetchall()
    album = source.execute(
        "SELECT title, total_tracks, release_date::text, release_precision, label, fetched_at FROM raw.catalog_album"
    ).fetchall()
    artists = source.execute("SELECT artist_id, name, fetched_at FROM raw.catalog_artist ORDER BY 1").fetchall()
    assert track == [([ARTIST, GUEST], ALBUM, 200_000, None, True)]
    assert album == [("Horses", 8, "1975-01-01", "year", None, None)]
    assert artists == [(ARTIST, "One", None), (GUEST, "Two", None)]


def test_fifty_plays_of_known_items_are_all_stored(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.000Z")))
    promote_all(endpoint, sync(endpoint, no_wait))
    known = "SELECT (SELECT count(*) FROM raw.catalog_track), (SELECT count(*) FROM raw.catalog_album), (SELECT count(*) FROM raw.catalog_artist)"
    before = source.execute(known).fetchone()
    moments = [datetime(2026, 11, 20, 11, tzinfo=UTC) + timedelta(minutes=4 * number) for number in range(50)]
    faults.will(RECENT, page(*(play(TRACKS[0], f"{at:%Y-%m-%dT%H:%M:%S}.000Z") for at in reversed(moments))))
    promote_all(endpoint, sync(endpoint, no_wait))
    assert source.execute(known).fetchone() == before
    assert source.execute("SELECT ended_at FROM raw.play ORDER BY 1 OFFSET 1").fetchall() == [(at,) for at in moments]


def test_items_with_null_or_missing_values_are_stored(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    add_connected_listener(endpoint, "ana")
    bare = {"id": TRACKS[0], "type": "track", "name": "Bare"}
    nothing = dict.fromkeys(
        ("album", "artists", "duration_ms", "explicit", "external_ids", "popularity", "disc_number", "is_local", "uri")
    )
    no_picture = {
        "id": ALBUM,
        "name": "Horses",
        "release_date": "1975",
        "images": None,
        "total_tracks": None,
        "artists": None,
    }
    items = [
        {"track": bare, "played_at": "2026-11-20T10:00:00.000Z"},
        {"track": bare | nothing, "played_at": "2026-11-20T10:05:00.000Z", "context": None},
        play(TRACKS[1], "2026-11-20T10:10:00.000Z", album=no_picture),
        play(TRACKS[2], "2026-11-20T10:15:00.000Z", artists=[{"id": ARTIST, "name": "One", "images": None}, None]),
    ]
    faults.will(RECENT, page(*items))
    promote_all(endpoint, sync(endpoint, no_wait))
    assert source.execute("SELECT track_id, artist_name FROM raw.play ORDER BY ended_at").fetchall() == [
        (TRACKS[0], None), (TRACKS[0], None), (TRACKS[1], "One"), (TRACKS[2], "One"),
    ]  # fmt: skip
    assert source.execute(
        "SELECT release_date::text, release_precision, image_url FROM raw.catalog_album"
    ).fetchall() == [("1975-01-01", "year", None)]


def test_fifty_plays_of_simulated_listeners_are_landed_once(
    make_app: MakeApp, simulated_spotify: str, source: psycopg.Connection
) -> None:
    app = make_app(simulated_spotify)
    for listener in ("ana", "ben", "chie"):
        connect(client_of(app), listener)
    endpoint = endpoint_of(app)
    result = sync(endpoint, no_wait)
    assert [(batch["listener_id"], batch["rows"]) for batch in result["batches"]] == [
        ("ana", 50),
        ("ben", 50),
        ("chie", 50),
    ]
    assert result["failures"] == []
    promote_all(endpoint, result)
    assert source.execute("SELECT listener_id, count(*) FROM raw.play GROUP BY 1 ORDER BY 1").fetchall() == [
        ("ana", 50),
        ("ben", 50),
        ("chie", 50),
    ]
    again = sync(endpoint, no_wait)
    assert (again["batches"], again["enrichment"]["asked"]) == ([], 0)
    not_enriched = (
        "SELECT count(*) FROM raw.catalog_{0} WHERE fetched_at IS NULL AND {0}_id IN (SELECT {0}_id FROM raw.play)"
    )
    assert [source.execute(not_enriched.format(kind)).fetchone() for kind in ("track", "album", "artist")] == [
        (0,),
        (0,),
        (0,),
    ]
