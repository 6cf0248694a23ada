"""How much of an album was heard, and when it was complete."""

from decimal import Decimal

import pytest

from spark_scripts.transformations.album_completion import album_completion

COLUMNS = ("tracks_played", "total_tracks", "completion", "first_played_on", "completed_on")


@pytest.fixture
def completion(frame, rows):
    """The one album's row, for tracks heard on days."""

    def build(total, *heard):
        plays = frame("fct_play", *[{"track_id": track, "played_on": day} for track, day in heard])
        return rows(album_completion(plays, frame("dim_album", {"album_id": "a1", "total_tracks": total})), *COLUMNS)

    return build


HEARD = [("t1", "2026-01-03"), ("t2", "2026-01-01"), ("t1", "2026-01-02"), ("t3", "2026-01-05")]


def test_a_third_is_rounded_half_up(completion):
    assert completion(3, ("t1", "2026-01-01")) == [(1, 3, Decimal("0.33333333"), "2026-01-01", None)]
    assert completion(3, *HEARD[:3]) == [(2, 3, Decimal("0.66666667"), "2026-01-01", None)]


def test_it_is_completed_on_the_day_of_the_last_new_track(completion):
    assert completion(3, *HEARD) == [(3, 3, Decimal("1.00000000"), "2026-01-01", "2026-01-05")]


def test_more_tracks_than_the_album_has_are_one_and_the_day_is_when_the_total_was_reached(completion):
    assert completion(2, *HEARD) == [(3, 2, Decimal("1.00000000"), "2026-01-01", "2026-01-02")]


@pytest.mark.parametrize("total", [None, 0])
def test_without_a_total_nothing_is_completed(completion, total):
    assert completion(total, *HEARD) == [(3, total, None, "2026-01-01", None)]


def test_a_play_without_album_has_no_row(frame, rows):
    plays = frame("fct_play", {"album_id": None})
    assert rows(album_completion(plays, frame("dim_album"))) == []
