"""The rules of docs/data-contract.md for the same play from several origins, one by one."""

from collections.abc import Callable
from typing import Any

import pytest

from flask_endpoint.plays import instants
from tests.flask_endpoint.reconciliation.listening import START, Listening, account, at, extended, item, spotify_id


def test_play_has_fields_of_extended_row(ana: Listening) -> None:
    ana.import_(extended(10, platform="ios", skipped=True, incognito_mode=True))
    assert ana.plays("track_id, ms_played, kind, is_private, skipped, platform, origin, artist_id, album_id") == [
        (spotify_id("Song"), 200_000, "track", True, True, "ios", "extended") + ana.plays("artist_id, album_id")[0]
    ]
    artist_id, album_id = ana.plays("artist_id, album_id")[0]
    assert artist_id.startswith("x:artist:") and album_id.startswith("x:album:")


def test_equal_rows_of_one_import_are_one_play(ana: Listening) -> None:
    balance = ana.import_(extended(10), extended(10))
    assert (balance.rows_added, balance.rows_matched) == (1, 1)


def test_rows_with_different_length_or_track_are_separate_plays(ana: Listening) -> None:
    assert ana.import_(extended(10), extended(10, ms=1), extended(10, "Other")).rows_added == 3


def test_equal_rows_of_two_listeners_are_separate_plays(ana: Listening, listener: Callable[[str], Listening]) -> None:
    bob = listener("bob")
    ana.import_(extended(10))
    bob.import_(extended(10))
    assert len(ana.plays()) == len(bob.plays()) == 1
    assert ana.plays("play_id") != bob.plays("play_id")


def test_renamed_title_is_one_play_with_the_name_from_the_export_that_ends_last(ana: Listening) -> None:
    ana.import_(account(1, "sex (catching feelings)"), account(90, "Later"))
    balance = ana.import_(account(1, "sex"))
    assert (balance.rows_added, balance.rows_matched) == (0, 1)
    assert [row[0] for row in ana.plays("track_title")] == ["sex (catching feelings)", "Later"]


@pytest.mark.parametrize("ms", [200_000, 0])
@pytest.mark.parametrize("is_one_import", [True, False])
def test_extended_row_without_spotify_id_joins_row_with_same_names(
    ana: Listening, ms: int, is_one_import: bool
) -> None:
    old, new = extended(10, ms=ms, spotify_track_uri=None), extended(10, ms=ms)
    for rows in [[old, new]] if is_one_import else [[old], [new]]:
        ana.import_(*rows)
    assert ana.plays("track_id, ms_played") == [(spotify_id("Song"), ms)]


def test_row_without_spotify_id_joins_smallest_id_and_follows_its_rename(ana: Listening) -> None:
    ids = [extended(10, spotify_track_uri="spotify:track:" + letter * 22) for letter in "cb"]
    balance = ana.import_(extended(10, spotify_track_uri=None, shuffle=None), *ids)
    assert (balance.rows_added, balance.rows_matched) == (2, 1)
    joined = "SELECT p.track_id FROM raw.received AS r JOIN raw.play AS p USING (play_id) WHERE r.track_id LIKE 'x:%'"
    assert ana.connection.execute(joined).fetchall() == [("b" * 22,)]
    ana.undo()
    ana.import_(extended(10, spotify_track_uri=None), ids[0])
    ana.import_(extended(10, "Renamed"), extended(900, "Later"))
    assert ana.plays("track_title") == [("Renamed",), ("Later",)]
    assert ana.connection.execute(joined).fetchall() == [(spotify_id("Renamed"),)]


def test_two_titles_in_one_export_are_separate_plays(ana: Listening) -> None:
    ana.import_(account(1, "Old"), account(1, "Other"))
    assert ana.import_(account(1, "Old")).rows_repeated == 1
    assert len(ana.plays()) == 2


def test_renamed_title_with_two_candidates_is_not_merged(ana: Listening) -> None:
    ana.import_(account(1, "Old"), account(1, "Other"))
    assert ana.import_(account(1, "New")).rows_added == 1


def test_plays_of_zero_length_are_not_merged_as_renamed(ana: Listening) -> None:
    ana.import_(account(1, "Old", ms=0))
    assert ana.import_(account(1, "New", ms=0)).rows_added == 1


@pytest.mark.parametrize(("distance", "plays"), [(-2, 1), (2, 1), (2.001, 2), (-2.5, 2)])
def test_api_play_matches_extended_play_within_two_seconds(ana: Listening, distance: float, plays: int) -> None:
    ana.import_(extended(100))
    ana.poll(item(100 + distance))
    assert len(ana.plays()) == plays


def test_api_row_provides_ids_names_and_context_and_extended_row_the_rest(ana: Listening) -> None:
    ana.import_(extended(100, "song", "BAND"))
    ana.poll(item(101, "Song", "Band"))
    [play] = ana.plays("track_title, artist_name, artist_id, ms_played, ended_at, context_uri, origin")
    assert play[:4] == ("Song", "Band", spotify_id("Band"), 200_000)
    assert play[4].strftime("%Y-%m-%dT%H:%M:%SZ") == at(100)
    assert play[5:] == ("spotify:playlist:" + spotify_id("list"), "extended")


def test_api_play_matches_by_title_and_album_artist(ana: Listening) -> None:
    ana.import_(extended(100, "Song", "Various", spotify_track_uri="spotify:track:" + spotify_id("other release")))
    ana.poll(item(100, "Song", "Band", album_artist="Various"))
    assert len(ana.plays()) == 1


def test_extended_play_matches_nearest_api_play(ana: Listening) -> None:
    ana.import_(extended(100))
    ana.poll(item(98.5), item(101))
    [(ended_at,)] = ana.connection.execute("SELECT ended_at FROM raw.received WHERE matched_by = 'api'")
    assert ended_at.second == 41
    assert len(ana.plays()) == 2


def test_logout_row_stored_with_ts_by_earlier_version_is_counted_once(
    ana: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = extended(17_000, ms=69_516, reason_end="logout", offline_timestamp=int(START.timestamp()))
    with monkeypatch.context() as earlier_version:
        earlier_version.setattr(instants, "LOGOUT", "no reason")
        ana.import_(row)
    assert ana.plays("ended_at")[0][0].strftime("%Y-%m-%dT%H:%M:%SZ") == at(17_000)
    again = ana.import_(row)
    assert (again.rows_added, again.rows_matched + again.rows_repeated) == (0, 1)
    assert [end.strftime("%Y-%m-%dT%H:%M:%SZ") for (end,) in ana.plays("ended_at")] == [at(69)]


def test_row_that_is_merged_in_several_steps_belongs_to_the_remaining_play(
    ana: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    logout: dict[str, Any] = {"reason_end": "logout", "offline_timestamp": int(START.timestamp())}
    with monkeypatch.context() as earlier_version:
        earlier_version.setattr(instants, "LOGOUT", "no reason")
        ana.import_(extended(17_000, spotify_track_uri=None, **logout))
    ana.import_(extended(17_000, spotify_track_uri=None, **logout))
    ana.import_(extended(17_000, **logout))
    ana.import_(extended(17_000, "Renamed", **logout), extended(20_000, "Later"))
    assert ana.plays("track_title") == [("Renamed",), ("Later",)]
    titles = (
        "SELECT p.track_title FROM raw.received AS r LEFT JOIN raw.play AS p USING (play_id) "
        "WHERE r.matched_by = 'renamed'"
    )
    assert ana.connection.execute(titles).fetchall() == [("Renamed",)] * 3
