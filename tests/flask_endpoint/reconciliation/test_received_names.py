"""Plays whose names differ between rows: Spotify renames titles, and editors damage letters."""

from typing import Any

import pytest

from tests.flask_endpoint.reconciliation.listening import Listening, account, extended, item, spotify_id

SONG_URI = "spotify:track:" + spotify_id("Song")
RENAMED = extended(65, "Song (2011 Remaster)", spotify_track_uri=SONG_URI)
LATER = [extended(9_000, "Later"), account(150, "Later")]

Row = dict[str, Any]


def orders(first: list[Row], second: list[Row]) -> list[tuple[list[Row], list[Row]]]:
    """Return both orders of two imports."""
    return [(first, second), (second, first)]


@pytest.mark.parametrize(
    ("lag", "matched_by"), [(0, "pass 1"), (59, "pass 1"), (60, "pass 2"), (64, "pass 2"), (65, "pass 4")]
)
@pytest.mark.parametrize("is_renamed_first", [True, False])
def test_account_row_matches_under_old_title_of_extended_row(
    ana: Listening, lag: int, matched_by: str, is_renamed_first: bool
) -> None:
    old = [extended(60 + lag), extended(60 + lag, "Other")]
    renamed = [extended(60 + lag, "Song (2011 Remaster)", spotify_track_uri=SONG_URI), extended(9_000, "Later")]
    for rows in orders(renamed, old)[not is_renamed_first]:
        ana.import_(*rows)
    ana.import_(account(1))
    assert matched_by in ana.matched_by()
    assert sorted(ana.plays("track_title")) == [("Later",), ("Other",), ("Song (2011 Remaster)",)]


def test_extended_row_matches_under_old_title_of_account_row(ana: Listening) -> None:
    ana.import_(account(1))
    ana.import_(account(1, "Renamed"), account(150, "Later"))
    ana.import_(extended(100), extended(100, "Other"))
    assert ana.matched_by() == ["pass 1", "renamed"]
    assert ana.plays("track_title, origin") == [("Other", "extended"), ("Song", "extended"), ("Later", "account")]


def test_extended_row_without_spotify_id_joins_row_with_its_old_title(ana: Listening) -> None:
    ana.import_(RENAMED, *LATER)
    ana.import_(extended(65), extended(65, "Other"))
    ana.import_(extended(65, spotify_track_uri=None))
    assert sorted(ana.plays("track_title")) == [("Later",), ("Other",), ("Song (2011 Remaster)",)]


def test_api_play_matches_under_old_title_of_extended_row(ana: Listening) -> None:
    ana.import_(extended(65))
    ana.import_(RENAMED, extended(9_000, "Later"))
    polled = item(65)
    ana.poll(polled | {"track": polled["track"] | {"id": spotify_id("relinked")}})
    assert ana.matched_by() == ["api"]
    assert len(ana.plays()) == 2


@pytest.mark.parametrize(("lag", "matched_by"), [(0, "account pass 1"), (64, "account pass 2")])
def test_api_play_matches_under_old_title_of_account_row(ana: Listening, lag: int, matched_by: str) -> None:
    ana.import_(account(1))
    ana.import_(account(1, "Renamed"), account(150, "Later"))
    ana.poll(item(60 + lag))
    assert ana.matched_by() == [matched_by, "renamed"]


def test_items_with_two_names_in_common_are_one_candidate(ana: Listening) -> None:
    ana.import_(extended(2_000), account(1))
    renamed = extended(2_000, "Renamed", spotify_track_uri=SONG_URI)
    ana.import_(renamed, account(1, "Renamed"), *LATER)
    assert ana.matched_by() == ["pass 1", "pass 4", "renamed"]
    assert sorted(ana.plays("track_title")) == [("Later",), ("Renamed",)]


def test_undo_of_import_with_old_title_separates_play_again(ana: Listening) -> None:
    ana.import_(RENAMED, account(1), extended(65, "Other"))
    before = ana.state()
    assert len(ana.plays()) == 3
    ana.import_(extended(65))
    assert len(ana.plays()) == 2
    ana.undo()
    assert ana.state() == before


@pytest.mark.parametrize("is_broken_first", [True, False])
@pytest.mark.parametrize("broken_end", [100, 9_000])
@pytest.mark.parametrize("uri", [SONG_URI, None])
def test_names_come_from_intact_row(ana: Listening, is_broken_first: bool, broken_end: int, uri: str | None) -> None:
    album = "master_metadata_album_album_name"
    broken = [
        extended(10, "Don\ufffdt", "Zo\ufffd", spotify_track_uri=uri, **{album: "\ufffdt\ufffd"}),
        extended(broken_end, "Broken end"),
    ]
    intact = [extended(10, "Don’t", "Zoé", spotify_track_uri=uri, **{album: "Été"}), extended(1_000, "End")]
    for rows in orders(broken, intact)[not is_broken_first]:
        ana.import_(*rows)
    assert ana.plays("track_title, artist_name, album_title")[0] == ("Don’t", "Zoé", "Été")
    assert len(ana.plays()) == 3


@pytest.mark.parametrize("row", [account(1, ms=0), extended(60, ms=0, spotify_track_uri=None)])
@pytest.mark.parametrize("is_broken_first", [True, False])
def test_broken_and_intact_row_are_one_play(ana: Listening, row: dict[str, Any], is_broken_first: bool) -> None:
    title = "trackName" if "trackName" in row else "master_metadata_track_name"
    broken, intact = row | {title: "100%_\ufffd\ufffd \\ Caf\ufffd"}, row | {title: "100%_éé \\ Café"}
    for rows in orders([broken], [intact])[not is_broken_first]:
        ana.import_(*rows)
    assert ana.plays("track_title") == [("100%_éé \\ Café",)]


def test_broken_and_intact_row_of_one_import_are_one_play(ana: Listening) -> None:
    balance = ana.import_(account(1, "Zo\ufffd"), account(1, "Zoé"), account(1, "Other"))
    assert (balance.rows_added, balance.rows_matched) == (2, 1)
    assert sorted(ana.plays("track_title")) == [("Other",), ("Zoé",)]


@pytest.mark.parametrize(
    ("broken", "intact"),
    [
        ("Zo\ufffde", "Zoo"),
        ("Zo\ufffde", "Zoëe lives"),
        ("Zo\ufffde", "Le Zoëe"),
        ("1%_\ufffd", "1000é"),
        ("a\\\ufffd", "aé"),
    ],
)
def test_broken_row_does_not_join_row_with_other_letters(ana: Listening, broken: str, intact: str) -> None:
    ana.import_(account(1, broken, ms=0))
    assert ana.import_(account(1, intact, ms=0)).rows_added == 1


def test_broken_row_does_not_join_row_of_other_kind_or_end_or_length(ana: Listening) -> None:
    episode = {"episode_name": "Song", "episode_show_name": "Band", "spotify_track_uri": None}
    ana.import_(extended(10, "S\ufffdng", ms=0, spotify_track_uri=None))
    rows = [extended(10, title=None, ms=0, **episode), extended(11, ms=0), extended(10, ms=1)]
    assert ana.import_(*rows).rows_added == 3


def test_broken_row_prefers_spotify_id(ana: Listening) -> None:
    ana.import_(extended(10, "S\ufffdng", spotify_track_uri=None))
    ana.import_(extended(10, "Sang", spotify_track_uri=None), extended(10, "Song"))
    joined = (
        "SELECT p.track_title FROM raw.received AS r JOIN raw.play AS p USING (play_id) WHERE r.title LIKE '%\ufffd%'"
    )
    assert ana.connection.execute(joined).fetchall() == [("Song",)]
    assert sorted(ana.plays("track_title")) == [("Sang",), ("Song",)]


@pytest.mark.parametrize("is_broken_first", [True, False])
def test_rename_keeps_intact_title(ana: Listening, is_broken_first: bool) -> None:
    broken, intact = [account(1, "L\ufffdve"), account(150, "Later")], [account(1, "Song")]
    for rows in orders(broken, intact)[not is_broken_first]:
        ana.import_(*rows)
    assert [row[0] for row in ana.plays("track_title")] == ["Song", "Later"]
