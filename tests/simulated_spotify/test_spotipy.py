"""Real spotipy, over real HTTP, against a served instance."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import spotipy
from simulated_app import REDIRECT_URI, SCOPE
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyOAuth, SpotifyOauthError, SpotifyPKCE

TIMEOUT = 10  # seconds


def pointed_at(manager, served: str):
    manager.OAUTH_AUTHORIZE_URL = f"{served}/authorize"
    manager.OAUTH_TOKEN_URL = f"{served}/api/token"
    return manager


def consent(manager, account: str) -> str:
    """What a browser does: open the page, press a listener's button, follow the redirect to its code."""
    url = manager.get_authorize_url(state="abc")
    assert account in requests.get(url, timeout=TIMEOUT).text
    answer = requests.post(url, data={"account": account}, allow_redirects=False, timeout=TIMEOUT)
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["abc"]
    return back["code"][0]


@pytest.fixture
def confidential(served: str) -> SpotifyOAuth:
    manager = SpotifyOAuth(
        "any-app", "any-secret", REDIRECT_URI, scope=SCOPE, cache_handler=MemoryCacheHandler(), requests_timeout=TIMEOUT
    )
    return pointed_at(manager, served)


def api_of(served: str, manager) -> spotipy.Spotify:
    found = spotipy.Spotify(auth_manager=manager, requests_timeout=TIMEOUT, retries=0)
    found.prefix = f"{served}/v1/"
    return found


def test_a_confidential_app_reads_plays_and_catalog(served: str, confidential: SpotifyOAuth) -> None:
    confidential.get_access_token(consent(confidential, "chie"), as_dict=False, check_cache=False)
    api = api_of(served, confidential)
    assert api.me()["display_name"] == "Chie"
    page = api.current_user_recently_played(limit=30)
    older = api.next(page)
    assert (len(page["items"]), len(older["items"]), api.next(older)["items"]) == (30, 20, [])
    track = page["items"][0]["track"]
    assert api.track(track["id"])["name"] == track["name"]
    assert api.album(track["album"]["id"])["total_tracks"] == track["album"]["total_tracks"]
    assert api.album_tracks(track["album"]["id"])["total"] == track["album"]["total_tracks"]
    assert api.artist(track["artists"][0]["id"])["name"] == track["artists"][0]["name"]


def test_it_refreshes_and_keeps_the_token_that_is_not_returned(served: str, confidential: SpotifyOAuth) -> None:
    confidential.get_access_token(consent(confidential, "ana"), as_dict=False, check_cache=False)
    first = confidential.cache_handler.get_cached_token()
    renewed = confidential.refresh_access_token(first["refresh_token"])
    assert renewed["refresh_token"] == first["refresh_token"]
    assert api_of(served, confidential).me()["display_name"] == "Ana"


def test_an_app_without_a_secret_uses_pkce(served: str) -> None:
    manager = SpotifyPKCE(
        "any-app", REDIRECT_URI, scope=SCOPE, cache_handler=MemoryCacheHandler(), requests_timeout=TIMEOUT
    )
    pointed_at(manager, served)
    manager.get_access_token(consent(manager, "ben"), check_cache=False)
    renewed = manager.refresh_access_token(manager.cache_handler.get_cached_token()["refresh_token"])
    assert renewed["scope"] == SCOPE
    assert api_of(served, manager).me()["display_name"] == "Ben"


def test_errors_reach_spotipy_as_spotifys_do(served: str, confidential: SpotifyOAuth) -> None:
    with pytest.raises(SpotifyOauthError) as refused:
        confidential.refresh_access_token("nonsense")
    assert refused.value.error == "invalid_grant"
    confidential.get_access_token(consent(confidential, "ana"), as_dict=False, check_cache=False)
    api = api_of(served, confidential)
    with pytest.raises(spotipy.SpotifyException) as missing:
        api.track("0000000000000000000000")
    assert (missing.value.http_status, "Resource not found" in missing.value.msg) == (404, True)
    with pytest.raises(spotipy.SpotifyException) as removed:
        api.tracks(["0000000000000000000000"])
    assert removed.value.http_status == 403
