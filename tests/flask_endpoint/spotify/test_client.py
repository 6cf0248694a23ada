"""SpotifyClient: it replaces or reports invalid tokens, respects pauses, and raises an error for every unexpected answer."""

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


def new_token(access: str = "new", **others: object) -> Answer:
    """Return the answer of Spotify's token endpoint to a refresh."""
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
    """A listener whose access token is valid for an hour."""
    store_token(endpoint, expires_in=HOUR)
    return "ana"


def store_token(endpoint, *, expires_in, scope="user-read-recently-played"):
    """Connect ana with an access token that expires in so many seconds."""
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


def stored_token(endpoint, source):
    """Return the decrypted refresh token, the status and the reason."""
    refresh, status, reason = source.execute("SELECT refresh_token, status, reason FROM vault.token").fetchone()
    return endpoint.cipher.decrypt(bytes(refresh)).decode(), status, reason


def test_valid_token_is_used_without_refresh(endpoint, ana, faults):
    faults.will(RECENT, EMPTY)
    assert endpoint.spotify(ana).recently_played() == []
    assert [(request.path, request.authorization) for request in faults.asked] == [(RECENT, "Bearer old")]


@pytest.mark.parametrize(
    ("answer", "refresh_token"),
    [
        (new_token(refresh_token="r2"), "r2"),
        (new_token(), "r1"),
        (new_token(refresh_token=None), "r1"),
        (new_token(refresh_token=""), "r1"),
    ],
)
def test_refresh_stores_new_refresh_token_or_keeps_old_one(endpoint, faults, source, answer, refresh_token):
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", answer)
    faults.will(RECENT, EMPTY)
    endpoint.spotify("ana").recently_played()
    assert faults.asked[-1].authorization == "Bearer new"
    assert stored_token(endpoint, source) == (refresh_token, "connected", None)


def test_refresh_without_scope_keeps_stored_scope(endpoint, faults, source):
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", Answer(200, {"access_token": "new", "token_type": "Bearer", "expires_in": 30}))
    faults.will(RECENT, EMPTY)
    endpoint.spotify("ana").recently_played()
    endpoint.spotify("ana").recently_played()
    assert source.execute("SELECT scope FROM vault.token").fetchone() == ("user-read-recently-played",)
    assert faults.times(RECENT) == 2


def test_parallel_requests_use_refresh_token_once(endpoint, faults):
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", new_token(refresh_token="r2"), INVALID_GRANT)
    faults.will(RECENT, EMPTY)
    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(endpoint.spotify("ana").recently_played) for _ in range(4)]
        assert [work.result() for work in done] == [[]] * 4
    assert faults.times("/api/token") == 1


def test_rejected_access_token_is_replaced_once(endpoint, ana, faults):
    faults.will(RECENT, EXPIRED, EMPTY)
    faults.will("/api/token", new_token())
    assert endpoint.spotify(ana).recently_played() == []
    faults.will(RECENT, EXPIRED)
    with pytest.raises(TokenRejected, match="The access token expired"):
        endpoint.spotify(ana).recently_played()
    assert faults.times(RECENT) == 4


MALFORMED_TOKENS = [
    Answer(200, "<html>"), Answer(200, []), Answer(200, {}), Answer(200, None), Answer(503, ""), Answer(401, ""),
    new_token(access=None), new_token(expires_in="soon"), new_token(expires_in=10**30),
]  # fmt: skip


@pytest.mark.parametrize("answer", MALFORMED_TOKENS)
@pytest.mark.parametrize("expires_in", [30, HOUR])
def test_malformed_token_is_not_stored(endpoint, faults, source, answer, expires_in):
    store_token(endpoint, expires_in=expires_in)
    faults.will(RECENT, EXPIRED)
    faults.will("/api/token", answer)
    with pytest.raises(NoNewToken):
        endpoint.spotify("ana").recently_played()
    assert stored_token(endpoint, source) == ("r1", "connected", None)


def test_ended_consent_is_stored_and_not_refreshed_again(endpoint, faults, source):
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", INVALID_GRANT)
    for _ in range(3):
        with pytest.raises(NeedsReconnect, match="must connect Spotify again"):
            endpoint.spotify("ana").recently_played()
    assert faults.times("/api/token") == 1
    _, status, reason = stored_token(endpoint, source)
    assert status == "reconnect"
    assert "Refresh token expired" in reason


def test_ended_consent_does_not_overwrite_newer_consent(endpoint, faults, source):
    store_token(endpoint, expires_in=30)
    client = endpoint.spotify("ana")
    client._tokens.get_cached_token()
    store_token(endpoint, expires_in=HOUR)
    client._tokens.mark_for_reconnect("Refresh token revoked")
    assert stored_token(endpoint, source)[1] == "connected"


def test_consent_without_scope_sends_no_request(endpoint, faults):
    store_token(endpoint, expires_in=HOUR, scope="user-top-read")
    with pytest.raises(NeedsReconnect):
        endpoint.spotify("ana").recently_played()
    assert faults.asked == []


def test_listener_without_consent_gets_error(endpoint):
    with pytest.raises(NeedsReconnect, match="ben has not connected Spotify"):
        endpoint.spotify("ben").recently_played()


def test_pause_is_stored_and_prevents_requests_until_its_end(endpoint, ana, faults, source):
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
REQUESTS = [
    (f"/v1/tracks/{TRACK}", lambda spotify: spotify.track(TRACK)),
    (RECENT, lambda spotify: spotify.recently_played()),
]


@pytest.mark.parametrize(("limited", "other"), [REQUESTS, REQUESTS[::-1]], ids=["catalog", "plays"])
def test_rate_limit_pauses_all_requests(endpoint, ana, faults, limited, other):
    path, send = limited
    faults.will(
        path, Answer(429, {"error": {"status": 429, "message": "API rate limit exceeded"}}, {"Retry-After": "5"})
    )
    with pytest.raises(Paused):
        send(endpoint.spotify(ana))
    with pytest.raises(Paused, match="API rate limit exceeded"):
        other[1](endpoint.spotify(ana))
    assert [request.path for request in faults.asked] == [path]


def test_exhausted_catalog_quota_does_not_pause_plays(endpoint, ana, faults):
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
def test_failed_or_malformed_answer_raises_error(endpoint, ana, faults, answer):
    faults.will(RECENT, answer)
    with pytest.raises(SpotifyUnavailable):
        endpoint.spotify(ana).recently_played()


def test_short_page_is_followed_by_next_page_of_same_host_only(endpoint, ana, faults):
    def play(moment):
        return {"track": {"id": moment}, "played_at": moment}

    next_page = f"{faults.url}{RECENT}?before=1"
    faults.will(
        RECENT,
        Answer(200, {"items": [play("c"), play("b")], "next": next_page}),
        Answer(200, {"items": [play("a")], "next": "http://evil.example/"}),
    )
    assert [item["played_at"] for item in endpoint.spotify(ana).recently_played()] == ["c", "b", "a"]
    assert faults.times(RECENT) == 2


@pytest.mark.parametrize("item_id", ["", "x:track:abc", "../me", "6rqhFgbbKwnb9MLmUQDhG6"])
def test_unknown_or_invalid_id_raises_no_such_item(endpoint, ana, item_id):
    with pytest.raises(NoSuchItem):
        endpoint.spotify(ana).track(item_id)


def test_first_key_encrypts_and_later_keys_decrypt(make_app, settings, faults, source):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    store_token(endpoint_of(make_app(faults.url, token_key=old)), expires_in=30)
    faults.will("/api/token", new_token(refresh_token="r2"))
    faults.will(RECENT, EMPTY)
    endpoint_of(make_app(faults.url, token_key=f"{new},{old}")).spotify("ana").recently_played()
    (refresh,) = source.execute("SELECT refresh_token FROM vault.token").fetchone()
    assert cipher_of(settings(faults.url, token_key=new)).decrypt(bytes(refresh)) == b"r2"


def test_missing_key_raises_error_and_keeps_listener_connected(make_app, faults, source):
    store_token(endpoint_of(make_app(faults.url)), expires_in=HOUR)
    with pytest.raises(Conflict, match="TOKEN_KEY"):
        endpoint_of(make_app(faults.url)).spotify("ana").recently_played()
    assert source.execute("SELECT status FROM vault.token").fetchone() == ("connected",)
