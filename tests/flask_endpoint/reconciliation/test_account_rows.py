"""The rules of docs/data-contract.md for rows of account data: which pass matches them with rows of other origins."""

from typing import Any

import pytest

from tests.flask_endpoint.reconciliation.listening import START, Listening, account, at, extended, item, spotify_id


@pytest.mark.parametrize(
    ("lag", "matched_by"),
    [
        (0, ["pass 1"]),
        (59, ["pass 1"]),
        (60, ["pass 2"]),
        (64, ["pass 2"]),
        (65, ["pass 4"]),
        (3600, ["pass 4"]),
        (3601, []),
    ],
)
def test_lag_decides_which_pass_matches_account_row(ana: Listening, lag: int, matched_by: list[str]) -> None:
    ana.import_(account(1))
    ana.import_(extended(60 + lag))
    assert ana.matched_by() == matched_by


def test_account_row_after_extended_end_does_not_match(ana: Listening) -> None:
    ana.import_(account(1))
    ana.import_(extended(59))
    assert ana.matched_by() == []


def test_rows_with_different_length_do_not_match(ana: Listening) -> None:
    ana.import_(account(1), extended(60, ms=200_001))
    assert len(ana.plays()) == 2


def test_account_row_matches_earliest_extended_row(ana: Listening) -> None:
    ana.import_(extended(70), extended(65), account(1))
    assert len(ana.plays()) == 2
    [row] = ana.connection.execute(
        "SELECT e.ended_at FROM raw.received AS e JOIN raw.received AS a USING (play_id) "
        "WHERE a.matched_by = 'pass 1' AND e.origin = 'extended'"
    ).fetchall()
    assert row[0].second == 5


@pytest.mark.parametrize("is_extended_first", [True, False])
def test_unidentified_row_becomes_play_when_matched_row_names_it(ana: Listening, is_extended_first: bool) -> None:
    rows = [extended(61, title=None, shuffle=False), account(1)]
    first, second = rows if is_extended_first else rows[::-1]
    one, two = ana.import_(first), ana.import_(second)
    assert ana.matched_by() == ["pass 3"]
    assert ana.plays("track_title, shuffle, origin, ended_at")[0][:3] == ("Song", False, "extended")
    assert ana.plays("ended_at")[0][0].second == 1
    if is_extended_first:
        assert (one.rows_added, one.rows_rejected, two.rows_added) == (0, 1, 1)
    else:
        assert (two.rows_added, two.rows_matched, two.rows_rejected) == (0, 1, 0)


def test_pass_3_requires_single_candidate_on_both_sides(ana: Listening) -> None:
    ana.import_(extended(61, title=None), account(1), account(1, "Other"))
    assert ana.matched_by() == []
    ana.import_(extended(1000, "Renamed"), account(16, "Other title"))
    assert ana.matched_by() == ["pass 3"]


def test_later_import_can_change_earlier_matches(ana: Listening) -> None:
    ana.import_(extended(61, title=None), account(1, "Other"))
    assert ana.matched_by() == ["pass 3"]
    ana.import_(extended(62, "Other"))
    assert ana.matched_by() == ["pass 1"]


@pytest.mark.parametrize(
    "why", [{"offline": True}, {"reason_end": "unexpected-exit-while-paused"}, {"reason_end": "logout"}]
)
def test_pass_4_allows_a_day_for_late_rows(ana: Listening, why: dict[str, Any]) -> None:
    ana.import_(extended(60 + 86_400, **why), account(1))
    assert ana.matched_by() == ["pass 4"]
    assert ana.plays("ended_at")[0][0].strftime("%Y-%m-%dT%H:%M:%SZ") == at(60)


def test_pass_4_requires_single_candidate_on_both_sides(ana: Listening) -> None:
    ana.import_(extended(1000), account(1), account(2))
    assert ana.matched_by() == []


@pytest.mark.parametrize(
    ("minute", "matched_by"), [(2, []), (3, ["pass 1"]), (54, ["pass 4"]), (2878, ["pass 4"]), (2881, [])]
)
def test_pass_4_allows_account_minute_between_computed_end_and_ts(
    ana: Listening, minute: int, matched_by: list[str]
) -> None:
    two_days, started = 2 * 86_400, int(START.timestamp())
    ana.import_(extended(two_days, reason_end="logout", offline_timestamp=started), account(minute))  # Ends at 200 s.
    assert ana.matched_by() == matched_by


def test_logout_row_hours_after_its_end_matches_account_row(ana: Listening) -> None:
    started = int(START.timestamp())
    ana.import_(account(6, ms=69_516))
    ana.import_(extended(17_000, ms=69_516, reason_end="logout", offline_timestamp=started + 200))
    assert ana.matched_by() == ["pass 4"]
    assert ana.plays("ended_at")[0][0].strftime("%Y-%m-%dT%H:%M:%SZ") == at(360)


def test_play_id_stays_when_matching_changes_end(ana: Listening) -> None:
    ana.import_(extended(1000))
    before = ana.plays("play_id")
    ana.import_(account(1))
    assert ana.matched_by() == ["pass 4"]
    assert ana.plays("play_id") == before


@pytest.mark.parametrize(
    ("lag", "matched_by"), [(0, ["account pass 1"]), (59.9, ["account pass 1"]), (64.9, ["account pass 2"]), (65, [])]
)
def test_lag_decides_which_account_pass_matches_api_play(ana: Listening, lag: float, matched_by: list[str]) -> None:
    ana.import_(account(1))
    ana.poll(item(60 + lag))
    assert ana.matched_by() == matched_by


def test_api_play_matches_longest_account_row(ana: Listening) -> None:
    ana.import_(account(1, ms=5_000), account(1, ms=200_000), account(1, ms=90_000))
    ana.poll(item(70))
    assert ana.plays("ms_played, origin, ended_at")[-1][:2] == (200_000, "account")
    assert ana.plays("ended_at")[-1][0].second == 10


def test_rows_of_three_origins_are_one_play(ana: Listening) -> None:
    ana.poll(item(70))
    ana.import_(account(1))
    ana.import_(extended(70))
    assert len(ana.plays()) == 1
    assert ana.matched_by() == ["api", "pass 1"]


def test_account_track_becomes_episode_when_extended_row_says_so(ana: Listening) -> None:
    ana.import_(account(1, "Chat", "Show"))
    assert ana.plays("kind, artist_id IS NULL") == [("track", False)]
    episode = {
        "episode_name": "Chat",
        "episode_show_name": "Show",
        "spotify_episode_uri": "spotify:episode:" + spotify_id("chat"),
    }
    ana.import_(extended(61, title=None, **episode))
    assert ana.plays("kind, track_id, artist_id, track_title") == [("episode", spotify_id("chat"), None, "Chat")]
