"""SpotifyClient replaces or reports invalid tokens, uses each refresh token once, and stores tokens encrypted."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from cryptography.fernet import Fernet

from flask_endpoint.context import Endpoint
from flask_endpoint.errors import Conflict, NeedsReconnect, NoNewToken, TokenRejected
from flask_endpoint.spotify.token_store import cipher_of
from tests.flask_endpoint.faulty_spotify import Answer, FaultySpotify
from tests.flask_endpoint.polled_plays import RECENT, page
from tests.flask_endpoint.spotify.tokens import HOUR, new_token, store_token, stored_token
from tests.flask_endpoint.web_stack import MakeApp, MakeSettings, endpoint_of

EXPIRED = Answer(401, {"error": {"status": 401, "message": "The access token expired"}})
INVALID_GRANT = Answer(400, {"error": "invalid_grant", "error_description": "Refresh token expired"})


def test_valid_token_is_used_without_refresh(endpoint: Endpoint, ana: str, faults: FaultySpotify) -> None:
    faults.will(RECENT, page())
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
def test_refresh_stores_new_refresh_token_or_keeps_old_one(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection, answer: Answer, refresh_token: str
) -> None:
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", answer)
    faults.will(RECENT, page())
    endpoint.spotify("ana").recently_played()
    assert faults.asked[-1].authorization == "Bearer new"
    assert stored_token(endpoint, source) == (refresh_token, "connected", None)


def test_refresh_without_scope_keeps_stored_scope(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", Answer(200, {"access_token": "new", "token_type": "Bearer", "expires_in": 30}))
    faults.will(RECENT, page())
    endpoint.spotify("ana").recently_played()
    endpoint.spotify("ana").recently_played()
    assert source.execute("SELECT scope FROM vault.token").fetchone() == ("user-read-recently-played",)
    assert faults.times(RECENT) == 2


def test_parallel_requests_use_refresh_token_once(endpoint: Endpoint, faults: FaultySpotify) -> None:
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", new_token(refresh_token="r2"), INVALID_GRANT)
    faults.will(RECENT, page())
    with ThreadPoolExecutor(4) as threads:
        done = [threads.submit(endpoint.spotify("ana").recently_played) for _ in range(4)]
        assert [work.result() for work in done] == [[]] * 4
    assert faults.times("/api/token") == 1


def test_rejected_access_token_is_replaced_once(endpoint: Endpoint, ana: str, faults: FaultySpotify) -> None:
    faults.will(RECENT, EXPIRED, page())
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
def test_malformed_token_is_not_stored(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection, answer: Answer, expires_in: int
) -> None:
    store_token(endpoint, expires_in=expires_in)
    faults.will(RECENT, EXPIRED)
    faults.will("/api/token", answer)
    with pytest.raises(NoNewToken):
        endpoint.spotify("ana").recently_played()
    assert stored_token(endpoint, source) == ("r1", "connected", None)


def test_ended_consent_is_stored_and_not_refreshed_again(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    store_token(endpoint, expires_in=30)
    faults.will("/api/token", INVALID_GRANT)
    for _ in range(3):
        with pytest.raises(NeedsReconnect, match="must connect Spotify again"):
            endpoint.spotify("ana").recently_played()
    assert faults.times("/api/token") == 1
    _, status, reason = stored_token(endpoint, source)
    assert status == "reconnect"
    assert reason and "Refresh token expired" in reason


def test_ended_consent_does_not_overwrite_newer_consent(
    endpoint: Endpoint, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    store_token(endpoint, expires_in=30)
    client = endpoint.spotify("ana")
    client._tokens.get_cached_token()
    store_token(endpoint, expires_in=HOUR)
    client._tokens.mark_for_reconnect("Refresh token revoked")
    assert stored_token(endpoint, source)[1] == "connected"


def test_consent_without_scope_sends_no_request(endpoint: Endpoint, faults: FaultySpotify) -> None:
    store_token(endpoint, expires_in=HOUR, scope="user-top-read")
    with pytest.raises(NeedsReconnect):
        endpoint.spotify("ana").recently_played()
    assert faults.asked == []


def test_listener_without_consent_gets_error(endpoint: Endpoint) -> None:
    with pytest.raises(NeedsReconnect, match="ben has not connected Spotify"):
        endpoint.spotify("ben").recently_played()


def test_first_key_encrypts_and_later_keys_decrypt(
    make_app: MakeApp, settings: MakeSettings, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    store_token(endpoint_of(make_app(faults.url, token_key=old)), expires_in=30)
    faults.will("/api/token", new_token(refresh_token="r2"))
    faults.will(RECENT, page())
    endpoint_of(make_app(faults.url, token_key=f"{new},{old}")).spotify("ana").recently_played()
    [(refresh,)] = source.execute("SELECT refresh_token FROM vault.token")
    assert cipher_of(settings(faults.url, token_key=new)).decrypt(bytes(refresh)) == b"r2"


def test_missing_key_raises_error_and_keeps_listener_connected(
    make_app: MakeApp, faults: FaultySpotify, source: psycopg.Connection
) -> None:
    store_token(endpoint_of(make_app(faults.url)), expires_in=HOUR)
    with pytest.raises(Conflict, match="TOKEN_KEY"):
        endpoint_of(make_app(faults.url)).spotify("ana").recently_played()
    assert source.execute("SELECT status FROM vault.token").fetchone() == ("connected",)
