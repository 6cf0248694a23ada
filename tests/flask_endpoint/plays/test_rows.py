"""Rows of each origin are converted to plays or rejected."""

from datetime import UTC, datetime
from typing import Any

import pytest

from flask_endpoint.plays import account, api, extended
from flask_endpoint.plays.instants import Horizon
from flask_endpoint.plays.lenient import row_from_object, row_from_text
from flask_endpoint.plays.names import provisional_id
from flask_endpoint.plays.row import PlayRow, Rejected

HORIZON = Horizon(datetime(2024, 6, 1, tzinfo=UTC))
TRACK, EPISODE, CHAPTER = "t" * 22, "e" * 22, "c" * 22
TS = {"ts": "2022-05-01T12:00:00Z", "ms_played": 1000}
NAMED: dict[str, Any] = {"master_metadata_track_name": "Song", "master_metadata_album_artist_name": "Band"}


def from_extended(is_video: bool = False, **fields: Any) -> PlayRow:
    return extended.play_row(row_from_object(TS | fields, extended.ExtendedRow), HORIZON, is_video)


def from_account(kind: str | None = None, **fields: Any) -> PlayRow:
    return account.play_row(
        row_from_object({"endTime": "2022-05-01 12:00", "msPlayed": 1} | fields, account.AccountRow), HORIZON, kind
    )


@pytest.mark.parametrize(
    ("fields", "kind", "track_id"),
    [
        ({"spotify_track_uri": f"spotify:track:{TRACK}"}, "track", TRACK),
        ({"spotify_track_uri": f"spotify:track:{TRACK}", "episode_name": "Chat"}, "track", TRACK),
        (
            {"audiobook_title": "Book", "audiobook_chapter_uri": f"spotify:chapter:{CHAPTER}", "episode_name": "Chat"},
            "chapter",
            CHAPTER,
        ),
        (
            {"audiobook_title": "Book", "audiobook_chapter_title": "One"},
            "chapter",
            provisional_id("chapter", "book", "one"),
        ),
        ({"spotify_episode_uri": f"spotify:episode:{EPISODE}"}, "episode", EPISODE),
        (
            {"episode_name": "Chat", "episode_show_name": "Show", **NAMED},
            "episode",
            provisional_id("episode", "show", "chat"),
        ),
        (NAMED, "track", provisional_id("track", "band", "song")),
        (
            {"spotify_track_uri": "spotify:local:Band:Record:Song:180", **NAMED},
            "track",
            provisional_id("track", "band", "song"),
        ),
        ({"master_metadata_track_name": "Song"}, None, None),
        ({"master_metadata_track_name": " ", "master_metadata_album_artist_name": "Band"}, None, None),
        ({}, None, None),
    ],
)
def test_extended_row_has_first_matching_kind(fields: dict[str, Any], kind: str | None, track_id: str | None) -> None:
    row = from_extended(**fields)
    assert (row.kind, row.track_id) == (kind, track_id)


def test_video_row_with_names_but_no_uri_is_unidentified() -> None:
    assert from_extended(is_video=True, **NAMED).kind is None
    assert from_extended(is_video=True, spotify_track_uri=f"spotify:track:{TRACK}").kind == "track"


@pytest.mark.parametrize(("incognito", "is_private"), [(True, True), (False, False), (None, False)])
def test_play_is_private_only_if_incognito_mode_is_true(incognito: bool | None, is_private: bool) -> None:
    assert from_extended(incognito_mode=incognito).is_private is is_private


@pytest.mark.parametrize("ms_played", [-1, 86_400_001, 1.5, 3.0, True, "1000", None, 10**30])
def test_invalid_length_is_rejected(ms_played: object) -> None:
    with pytest.raises(Rejected, match="ms_played is not an integer from 0 to 86,400,000"):
        from_extended(ms_played=ms_played)
    with pytest.raises(Rejected, match="ms_played is not"):
        from_account(msPlayed=ms_played)


@pytest.mark.parametrize("ms_played", [0, 86_400_000])
def test_shortest_and_longest_valid_plays_are_kept(ms_played: int) -> None:
    assert from_extended(ms_played=ms_played).ms_played == ms_played


@pytest.mark.parametrize("text", [b"1", b"null", b'"x"', b"[]", b"[[", b"\xff"])
def test_row_that_is_not_an_object_is_rejected(text: bytes) -> None:
    with pytest.raises(Rejected, match="the row is not an object"):
        row_from_text(text, extended.ExtendedRow)


def test_field_of_wrong_type_counts_as_missing() -> None:
    row = from_extended(shuffle="yes", platform=7, conn_country=["ES"], **NAMED)
    assert (row.shuffle, row.platform, row.country, row.kind) == (None, None, None, "track")


def test_characters_that_postgresql_cannot_store_are_replaced() -> None:
    text = b'{"ts": "2022-05-01T12:00:00Z", "ms_played": 1, "master_metadata_track_name": "a\\u0000\\ud800b\xff"}'
    assert row_from_text(text, extended.ExtendedRow).master_metadata_track_name == "a\ufffd?b\ufffd"


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("Android OS 8.0.0 API 26 (HUAWEI, RNE-L21)", "Android OS 8.0.0 API 26 (HUAWEI, RNE-L21)"),
        ("Partner amazon_salmon Amazon;Echo_Dot;8fb2d07f3e12a0cc", "Partner amazon_salmon Amazon;Echo_Dot;"),
        ("web_player windows 10;chrome 88.0", "web_player windows 10;chrome 88.0"),
        ("cast 01234567-89ab-cdef-0123-456789abcdef", "cast "),
        ("webplayer_3fa85f6457174562b3fc2c963f66afa6", "webplayer_"),
        ("cast_01234567-89ab-cdef-0123-456789abcdef_tv", "cast__tv"),
        ("facade deadbeef", "facade deadbeef"),
    ],
)
def test_device_hashes_are_removed_from_platform(platform: str, expected: str) -> None:
    assert from_extended(platform=platform).platform == expected


def test_personal_fields_are_not_read() -> None:
    personal = {
        "ip_addr",
        "ip_addr_decrypted",
        "username",
        "user_agent_decrypted",
        "city",
        "region",
        "metro_code",
        "longitude",
        "latitude",
    }
    assert not personal & {*extended.ExtendedRow.__struct_fields__, *account.AccountRow.__struct_fields__}


@pytest.mark.parametrize(
    ("hint", "fields", "kind", "artist", "title"),
    [
        (None, {"artistName": "Band", "trackName": "Song"}, "track", "Band", "Song"),
        ("episode", {"artistName": "Show", "trackName": "Chat"}, "episode", "Show", "Chat"),
        (None, {"podcastName": "Show", "episodeName": "Chat"}, "episode", "Show", "Chat"),
        ("chapter", {"audiobookName": "Book", "chapterName": "One"}, "chapter", "Book", "One"),
        (None, {"artistName": "Band", "trackName": ""}, None, None, None),
        (None, {"artistName": "Band"}, None, None, None),
    ],
)
def test_kind_of_account_row_comes_from_its_file_or_fields(
    hint: str | None, fields: dict[str, str], kind: str | None, artist: str | None, title: str | None
) -> None:
    row = from_account(hint, **fields)
    assert (row.kind, row.artist_name, row.title) == (kind, artist, title)
    names = [name.lower() for name in (artist, title) if name]
    assert row.track_id == (provisional_id(kind, *names) if kind else None)


PLAYED = {"played_at": "2022-05-01T12:00:00.123Z"}


@pytest.mark.parametrize(
    "track",
    [
        None,
        {},
        {"id": None, "name": None, "artists": None, "album": None},
        {"artists": [], "album": {"artists": [None]}},
        "x",
    ],
)
def test_api_item_with_null_fields_is_kept_as_unidentified(track: dict[str, Any] | str | None) -> None:
    row = api.play_row(PLAYED | {"track": track, "context": None}, HORIZON)
    assert (row.kind, row.track_id, row.ms_played) == (None, None, None)


def test_local_file_in_api_item_gets_provisional_id() -> None:
    row = api.play_row(PLAYED | {"track": {"id": None, "name": "Song", "artists": [{"name": "Band"}]}}, HORIZON)
    assert (row.kind, row.track_id) == ("track", provisional_id("track", "band", "song"))


@pytest.mark.parametrize("item", [None, 7, "x", [], {"track": {}}])
def test_api_item_without_end_is_rejected(item: object) -> None:
    with pytest.raises(Rejected):
        api.play_row(item, HORIZON)
