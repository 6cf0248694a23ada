"""The spotipy client works with the simulator over HTTP."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import spotipy
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyOAuth, SpotifyOauthError, SpotifyPKCE

from tests.simulated_spotify.simulated_app import REDIRECT_URI, SCOPE

TIMEOUT = 10  # seconds


def point_to_simulator(manager: SpotifyOAuth, served: str) -> SpotifyOAuth:
    """Make the auth manager use the simulator's URLs."""
    manager.OAUTH_AUTHORIZE_URL = f"{served}/authorize"
    manager.OAUTH_TOKEN_URL = f"{served}/api/token"
    return manager


def consent(manager: SpotifyOAuth, account: str) -> str:
    """Approve the consent page as a browser does, and return the authorization code."""
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
    return point_to_simulator(manager, served)


def api_of(served: str, manager: SpotifyOAuth) -> spotipy.Spotify:
    api = spotipy.Spotify(auth_manager=manager, requests_timeout=TIMEOUT, retries=0)
    api.prefix = f"{served}/v1/"
    return api


def test_app_with_secret_reads_plays_and_catalog(served: str, confidential: SpotifyOAuth) -> None:
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


def test_refresh_keeps_refresh_token_if_none_is_returned(served: str, confidential: SpotifyOAuth) -> None:
    confidential.get_access_token(consent(confidential, "ana"), as_dict=False, check_cache=False)
    first = confidential.cache_handler.get_cached_token()
    renewed = confidential.refresh_access_token(first["refresh_token"])
    assert renewed["refresh_token"] == first["refresh_token"]
    assert api_of(served, confidential).me()["display_name"] == "Ana"


def test_app_without_secret_uses_pkce(served: str) -> None:
    manager = SpotifyPKCE(
        "any-app", REDIRECT_URI, scope=SCOPE, cache_handler=MemoryCacheHandler(), requests_timeout=TIMEOUT
    )
    point_to_simulator(manager, served)
    manager.get_access_token(consent(manager, "ben"), check_cache=False)
    renewed = manager.refresh_access_token(manager.cache_handler.get_cached_token()["refresh_token"])
    assert renewed["scope"] == SCOPE
    assert api_of(served, manager).me()["display_name"] == "Ben"


def test_spotipy_raises_its_usual_errors(served: str, confidential: SpotifyOAuth) -> None:
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
