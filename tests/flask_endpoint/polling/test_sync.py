"""The sync: it lands the new plays of every connected listener, and a failure of one listener does not stop the others."""

from datetime import UTC, datetime, timedelta

import pytest

from flask_endpoint.polling.sync import sync
from flask_endpoint.reconciliation.promote import promote
from flask_endpoint.spotify.token_store import connect_listener
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.web_stack import *  # noqa: F403
from tests.flask_endpoint.web_stack import client_of, connect, endpoint_of

RECENT = "/v1/me/player/recently-played"
TRACKS = ["0000000000000000000001", "0000000000000000000002", "0000000000000000000003"]
ALBUM, ARTIST, GUEST = "00000000000000000000a1", "00000000000000000000p1", "00000000000000000000p2"


def play(track_id, played_at, **others):
    track = {
        "id": track_id,
        "type": "track",
        "name": f"Track {track_id}",
        "artists": [{"id": ARTIST, "name": "One"}, {"id": GUEST, "name": "Two"}],
        "album": {
            "id": ALBUM,
            "name": "Horses",
            "release_date": "1975",
            "total_tracks": 8,
            "artists": [{"id": ARTIST, "name": "One"}],
        },
        "duration_ms": 200_000,
        "external_ids": {"isrc": "XX"},
    }
    return {"track": track | others, "played_at": played_at, "context": None}


def page(*items):
    return Answer(200, {"items": list(items), "next": None, "cursors": None, "limit": 50})


def no_wait(seconds):
    """Fail a test in which the sync waits."""
    raise AssertionError(f"the sync waits {seconds} s")


@pytest.fixture
def endpoint(make_app, faults):
    return endpoint_of(make_app(faults.url, enrichment_per_day=0))


def add_connected_listener(endpoint, listener_id, access="good"):
    """Store a connected listener with an access token that is valid for an hour."""
    token = {"access_token": access, "refresh_token": f"r-{listener_id}", "scope": "user-read-recently-played"}
    with endpoint.pool.connection() as connection:
        connection.execute(
            "INSERT INTO raw.listener (listener_id, display_name) VALUES (%s, %s)", (listener_id, listener_id)
        )
        expires_at = (datetime.now(UTC) + timedelta(hours=1)).timestamp()
        connect_listener(
            connection,
            endpoint.cipher,
            listener_id,
            token | {"expires_at": expires_at},
            authorized_at=datetime.now(UTC),
        )


def promote_all(endpoint, result):
    for batch in result["batches"]:
        with endpoint.pool.connection() as connection:
            promote(connection, batch["batch_id"])


def test_poll_lands_milliseconds_ids_and_names(endpoint, faults, source):
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


def test_poll_without_new_plays_lands_nothing(endpoint, faults, source):
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    promote_all(endpoint, sync(endpoint, no_wait))
    assert sync(endpoint, no_wait)["batches"] == []
    assert source.execute("SELECT count(*) FROM landing.batch").fetchone() == (1,)
    faults.will(RECENT, page())
    assert sync(endpoint, no_wait)["batches"] == []


def test_play_that_appears_after_newer_plays_is_landed(endpoint, faults, source):
    add_connected_listener(endpoint, "ana")
    newest = play(TRACKS[1], "2026-11-20T11:00:00.000Z")
    faults.will(RECENT, page(newest))
    promote_all(endpoint, sync(endpoint, no_wait))
    faults.will(RECENT, page(newest, play(TRACKS[0], "2026-11-20T09:00:00.500Z")))
    promote_all(endpoint, sync(endpoint, no_wait))
    assert source.execute("SELECT track_id FROM raw.play ORDER BY ended_at").fetchall() == [(TRACKS[0],), (TRACKS[1],)]


def test_landed_batch_is_reported_again_and_not_landed_twice(endpoint, faults):
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    first = sync(endpoint, no_wait)["batches"]
    assert sync(endpoint, no_wait)["batches"] == first


def test_plays_of_refused_batch_are_not_landed_again(endpoint, faults, source):
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    assert len(sync(endpoint, no_wait)["batches"]) == 1
    source.execute("UPDATE landing.batch SET status = 'refused'")
    assert sync(endpoint, no_wait)["batches"] == []


def test_local_file_without_id_is_landed_once(endpoint, faults):
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


def test_unreadable_items_are_rejected_only_together_with_new_play(endpoint, faults, source):
    add_connected_listener(endpoint, "ana")
    odd = [{"track": None, "played_at": "soon"}, None, {"track": {"id": 5}, "played_at": None}]
    faults.will(RECENT, page(*odd))
    assert sync(endpoint, no_wait)["batches"] == []
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.352Z"), *odd))
    (batch,) = sync(endpoint, no_wait)["batches"]
    assert batch["rows"] == 1
    assert source.execute("SELECT count(*) FROM landing.rejected").fetchone() == (3,)


def test_failed_listener_is_reported_and_others_are_polled(endpoint, faults, source):
    for listener in ("ana", "ben", "chie"):
        add_connected_listener(endpoint, listener)
    faults.will(
        RECENT,
        page(play(TRACKS[0], "2026-11-20T10:00:00.000Z")),
        Answer(403, "User not registered in the Developer Dashboard"),
        page(play(TRACKS[0], "2026-11-20T10:00:00.000Z")),
    )
    result = sync(endpoint, no_wait)
    assert [batch["listener_id"] for batch in result["batches"]] == ["ana", "chie"]
    assert result["failures"] == [
        {"listener_id": "ben", "error": "Spotify refused the request: User not registered in the Developer Dashboard"}
    ]


def test_unexpected_error_fails_only_its_listener(endpoint, faults, source):
    add_connected_listener(endpoint, "ana")
    add_connected_listener(endpoint, "ben")
    faults.will(RECENT, page(play(TRACKS[0], "2026-11-20T10:00:00.000Z")))
    source.execute("ALTER TABLE landing.batch ADD CHECK (listener_id <> 'ana')")
    result = sync(endpoint, no_wait)
    assert [batch["listener_id"] for batch in result["batches"]] == ["ben"]
    assert [failure["listener_id"] for failure in result["failures"]] == ["ana"]


@pytest.mark.parametrize(
    "answer", [Answer(401, ""), Answer(403, ""), Answer(500, ""), Answer(503, "<html>"), Answer(200, "<html>")]
)
def test_failed_request_is_reported_as_failure(endpoint, faults, answer):
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, answer)
    faults.will("/api/token", Answer(503, ""))
    result = sync(endpoint, no_wait)
    assert result["batches"] == []
    assert [failure["listener_id"] for failure in result["failures"]] == ["ana"]


def test_ended_consent_fails_once_and_is_not_polled_again(endpoint, faults):
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, Answer(401, ""))
    faults.will("/api/token", Answer(400, {"error": "invalid_grant", "error_description": "Refresh token expired"}))
    first, second = sync(endpoint, no_wait), sync(endpoint, no_wait)
    assert "must connect Spotify again" in first["failures"][0]["error"]
    assert second["failures"] == []
    assert [waiting["listener_id"] for waiting in second["reconnect"]] == ["ana"]
    assert (faults.times(RECENT), faults.times("/api/token")) == (1, 1)


def test_sync_waits_for_end_of_short_pause(endpoint, faults):
    add_connected_listener(endpoint, "ana")
    faults.will(RECENT, Answer(429, "", {"Retry-After": "3"}), page(play(TRACKS[0], "2026-11-20T10:00:00.352Z")))
    waits = []

    def wait(seconds):
        waits.append(seconds)
        with endpoint.pool.connection() as connection:
            connection.execute("UPDATE vault.pause SET paused_until = now()")  # As if the time had passed.

    assert len(sync(endpoint, wait)["batches"]) == 1
    (seconds,) = waits
    assert 2 < seconds <= 4


def test_long_pause_fails_all_polls_after_one_request(endpoint, faults):
    for listener in ("ana", "ben", "chie"):
        add_connected_listener(endpoint, listener)
    faults.will(RECENT, Answer(429, {"error": {"reason": "QUOTA_EXCEEDED"}}, {"Retry-After": "86236"}))
    for _ in range(2):
        result = sync(endpoint, no_wait)
        assert [failure["listener_id"] for failure in result["failures"]] == ["ana", "ben", "chie"]
        assert all("pause until" in failure["error"] for failure in result["failures"])
    assert faults.times(RECENT) == 1


def test_poll_stores_track_album_and_artists_of_plays(endpoint, faults, source):
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


def test_fifty_plays_of_known_items_are_all_stored(endpoint, faults, source):
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


def test_items_with_null_or_missing_values_are_stored(endpoint, faults, source):
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


def test_fifty_plays_of_simulated_listeners_are_landed_once(make_app, simulated_spotify, source):
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
