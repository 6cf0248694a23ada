"""Asking Spotify in a listener's name: dead tokens are replaced or reported, pauses are kept, answers are never guessed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from flask_endpoint.errors import (
    Conflict,
    NeedsReconnect,
    NoNewToken,
    NoSuchItem,
    Paused,
    SpotifyUnavailable,
    TokenRejected,
)
from flask_endpoint.spotify.token_store import cipher_of, connect_listener
from tests.flask_endpoint.faulty_spotify import Answer
from tests.flask_endpoint.web_stack import endpoint_of

RECENT = "/v1/me/player/recently-played"
EMPTY = Answer(200, {"items": [], "next": None, "cursors": None, "limit": 50})
EXPIRED = Answer(401, {"error": {"status": 401, "message": "The access token expired"}})
INVALID_GRANT = Answer(400, {"error": "invalid_grant", "error_description": "Refresh token expired"})
HOUR = 3600


def fresh(access: str = "new", **others: object) -> Answer:
    return Answer(
        200,
        {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": HOUR,
            "scope": "user-read-recently-played",
            **others,
        },
    )


@pytest.fixture
def endpoint(make_app, faults):
    return endpoint_of(make_app(faults.url))


@pytest.fixture
def ana(endpoint):
    """A listener whose access token is good for an hour."""
    keep(endpoint, expires_in=HOUR)
    return "ana"


def keep(endpoint, *, expires_in, scope="user-read-recently-played"):
    token = {
        "access_token": "old",
        "refresh_token": "r1",
        "scope": scope,
        "expires_at": datetime.now(UTC).timestamp() + expires_in,
    }
    with endpoint.pool.connection() as connection:
        connection.execute(
            "INSERT INTO raw.listener (listener_id, display_name) VALUES ('ana', 'Ana') ON CONFLICT DO NOTHING"
        )
        connect_listener(connection, endpoint.cipher, "ana", token, authorized_at=datetime.now(UTC))


def stored(endpoint, source):
    refresh, status, reason = source.execute("SELECT refresh_token, status, reason FROM vault.token").fetchone()
    return endpoint.cipher.decrypt(bytes(refresh)).decode(), status, reason


def test_a_good_token_is_used_without_a_refresh(endpoint, ana, faults):
    faults.will(RECENT, EMPTY)
    assert endpoint.spotify(ana).recently_played() == []
    assert [(request.path, request.authorization) for request in faults.asked] == [(RECENT, "Bearer old")]


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (fresh(refresh_token="r2"), "r2"),
        (fresh(), "r1"),
        (fresh(refresh_token=None), "r1"),
        (fresh(refresh_token=""), "r1"),
    ],
)
def test_a_refresh_keeps_the_new_refresh_token_if_there_is_one(endpoint, faults, source, answer, kept):
    keep(endpoint, expires_in=30)
    faults.will("/api/token", answer)
    faults.will(RECENT, EMPTY)
    endpoint.spotify("ana").recently_played()
    assert faults.asked[-1].authorization == "Bearer new"
    assert stored(endpoint, source) == (kept, "connected", None)


def test_a_refresh_that_tells_no_scope_keeps_the_one_consented_to(endpoint, faults, source):
    keep(endpoint, expires_in=30)
    faults.will("/api/token", Answer(200, {"access_token": "new", "token_type": "Bearer", "expires_in": 30}))
    faults.will(RECENT, EMPTY)
    endpoint.spotify("ana").recently_played()
    endpoint.spotify("ana").recently_played()
    assert source.execute("SELECT scope FROM vault.token").fetchone() == ("user-read-recently-played",)
    assert faults.times(RECENT) == 2


def test_two_processes_spend_a_refresh_token_once(endpoint, faults):
    keep(endpoint, expires_in=30)
    faults.will("/api/token", fresh(refresh_token="r2"), INVALID_GRANT)
    faults.will(RECENT, EMPTY)
    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(endpoint.spotify("ana").recently_played) for _ in range(4)]
        assert [work.result() for work in done] == [[]] * 4
    assert faults.times("/api/token") == 1


def test_a_token_rejected_before_its_time_is_replaced_once(endpoint, ana, faults):
    faults.will(RECENT, EXPIRED, EMPTY)
    faults.will("/api/token", fresh())
    assert endpoint.spotify(ana).recently_played() == []
    faults.will(RECENT, EXPIRED)
    with pytest.raises(TokenRejected, match="The access token expired"):
        endpoint.spotify(ana).recently_played()
    assert faults.times(RECENT) == 4


ODD_TOKENS = [
    Answer(200, "<html>"), Answer(200, []), Answer(200, {}), Answer(200, None), Answer(503, ""), Answer(401, ""),
    fresh(access=None), fresh(expires_in="soon"), fresh(expires_in=10**30),
]  # fmt: skip


@pytest.mark.parametrize("answer", ODD_TOKENS)
@pytest.mark.parametrize("expires_in", [30, HOUR])
def test_no_odd_answer_with_a_token_is_taken_for_one(endpoint, faults, source, answer, expires_in):
    keep(endpoint, expires_in=expires_in)
    faults.will(RECENT, EXPIRED)
    faults.will("/api/token", answer)
    with pytest.raises(NoNewToken):
        endpoint.spotify("ana").recently_played()
    assert stored(endpoint, source) == ("r1", "connected", None)


def test_a_refused_refresh_marks_the_listener_and_nobody_asks_again(endpoint, faults, source):
    keep(endpoint, expires_in=30)
    faults.will("/api/token", INVALID_GRANT)
    for _ in range(3):
        with pytest.raises(NeedsReconnect, match="must connect Spotify again"):
            endpoint.spotify("ana").recently_played()
    assert faults.times("/api/token") == 1
    _, status, reason = stored(endpoint, source)
    assert status == "reconnect"
    assert "Refresh token expired" in reason


def test_a_refusal_does_not_undo_a_consent_given_meanwhile(endpoint, faults, source):
    keep(endpoint, expires_in=30)
    client = endpoint.spotify("ana")
    client._tokens.get_cached_token()
    keep(endpoint, expires_in=HOUR)
    client._tokens.refuse("Refresh token revoked")
    assert stored(endpoint, source)[1] == "connected"


def test_a_consent_without_the_scope_never_starts_a_browser(endpoint, faults):
    keep(endpoint, expires_in=HOUR, scope="user-top-read")
    with pytest.raises(NeedsReconnect):
        endpoint.spotify("ana").recently_played()
    assert faults.asked == []


def test_who_never_connected_is_told_so(endpoint):
    with pytest.raises(NeedsReconnect, match="ben has not connected Spotify"):
        endpoint.spotify("ben").recently_played()


def test_a_retry_after_is_a_row_and_nobody_asks_before(endpoint, ana, faults, source):
    faults.will(RECENT, Answer(429, "", {"Retry-After": "120"}))
    for _ in range(3):
        with pytest.raises(Paused, match="Spotify asks for a pause until"):
            endpoint.spotify(ana).recently_played()
    assert faults.times(RECENT) == 1
    (left,) = source.execute("SELECT paused_until - now() FROM vault.pause WHERE subject = 'plays'").fetchone()
    assert timedelta(seconds=100) < left <= timedelta(seconds=122)
    source.execute("UPDATE vault.pause SET paused_until = now()")
    faults.will(RECENT, EMPTY)
    assert endpoint.spotify(ana).recently_played() == []


TRACK = "6rqhFgbbKwnb9MLmUQDhG6"
WAYS = [
    (f"/v1/tracks/{TRACK}", lambda spotify: spotify.track(TRACK)),
    (RECENT, lambda spotify: spotify.recently_played()),
]


@pytest.mark.parametrize(("limited", "other"), [WAYS, WAYS[::-1]], ids=["catalogue", "plays"])
def test_the_rate_limit_is_the_apps_whatever_was_asked(endpoint, ana, faults, limited, other):
    path, ask = limited
    faults.will(
        path, Answer(429, {"error": {"status": 429, "message": "API rate limit exceeded"}}, {"Retry-After": "5"})
    )
    with pytest.raises(Paused):
        ask(endpoint.spotify(ana))
    with pytest.raises(Paused, match="API rate limit exceeded"):
        other[1](endpoint.spotify(ana))
    assert [request.path for request in faults.asked] == [path]


def test_a_used_up_quota_of_the_catalogue_does_not_pause_plays(endpoint, ana, faults):
    faults.will(
        "/v1/tracks/6rqhFgbbKwnb9MLmUQDhG6", Answer(429, {"error": {"status": 429, "reason": "QUOTA_EXCEEDED"}})
    )
    faults.will(RECENT, EMPTY)
    with pytest.raises(Paused, match="QUOTA_EXCEEDED"):
        endpoint.spotify(ana).track("6rqhFgbbKwnb9MLmUQDhG6")
    assert endpoint.spotify(ana).recently_played() == []
    with pytest.raises(Paused):
        endpoint.spotify(ana).artist("6rqhFgbbKwnb9MLmUQDhG6")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403, "User not registered in the Developer Dashboard"),
        Answer(500, ""),
        Answer(200, "<html>"),
        Answer(200, []),
        Answer(200, {"items": None}),
    ],
)
def test_a_failure_is_never_no_plays(endpoint, ana, faults, answer):
    faults.will(RECENT, answer)
    with pytest.raises(SpotifyUnavailable):
        endpoint.spotify(ana).recently_played()


def test_a_short_page_is_followed_to_the_next_but_never_to_another_host(endpoint, ana, faults):
    def play(moment):
        return {"track": {"id": moment}, "played_at": moment}

    onward = f"{faults.url}{RECENT}?before=1"
    faults.will(
        RECENT,
        Answer(200, {"items": [play("c"), play("b")], "next": onward}),
        Answer(200, {"items": [play("a")], "next": "http://evil.example/"}),
    )
    assert [item["played_at"] for item in endpoint.spotify(ana).recently_played()] == ["c", "b", "a"]
    assert faults.times(RECENT) == 2


@pytest.mark.parametrize("item_id", ["", "x:track:abc", "../me", "6rqhFgbbKwnb9MLmUQDhG6"])
def test_an_item_that_spotify_does_not_have_is_said_to_be_missing(endpoint, ana, item_id):
    with pytest.raises(NoSuchItem):
        endpoint.spotify(ana).track(item_id)


def test_a_new_key_in_front_reads_old_tokens_and_writes_new_ones(make_app, settings, faults, source):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    keep(endpoint_of(make_app(faults.url, token_key=old)), expires_in=30)
    faults.will("/api/token", fresh(refresh_token="r2"))
    faults.will(RECENT, EMPTY)
    endpoint_of(make_app(faults.url, token_key=f"{new},{old}")).spotify("ana").recently_played()
    (refresh,) = source.execute("SELECT refresh_token FROM vault.token").fetchone()
    assert cipher_of(settings(faults.url, token_key=new)).decrypt(bytes(refresh)) == b"r2"


def test_a_lost_key_is_said_and_marks_nobody(make_app, faults, source):
    keep(endpoint_of(make_app(faults.url)), expires_in=HOUR)
    with pytest.raises(Conflict, match="TOKEN_KEY"):
        endpoint_of(make_app(faults.url)).spotify("ana").recently_played()
    assert source.execute("SELECT status FROM vault.token").fetchone() == ("connected",)
