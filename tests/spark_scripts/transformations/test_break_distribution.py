"""Pauses between plays: their classes at the bounds, overlaps, and whose month they are."""

from decimal import Decimal

import pytest

from spark_scripts.transformations.break_distribution import break_distribution

COLUMNS = ("month", "break_class", "break_count")


@pytest.mark.parametrize(
    ("ended_at", "break_class"),  # of a play of a minute, after one that ended at 10:00
    [
        ("2026-01-01 10:05:59.999", "continuous"),
        ("2026-01-01 10:06:00", "short"),
        ("2026-01-01 11:00:59.999", "short"),
        ("2026-01-01 11:01:00", "long"),
        ("2026-01-01 10:00:30", "continuous"),  # began before the other ended
    ],
)
def test_a_pause_has_the_class_of_its_length(ended_at, break_class, frame, rows):
    plays = frame("fct_play", {"ended_at": "2026-01-01 10:00:00"}, {"ended_at": ended_at})
    assert rows(break_distribution(plays), *COLUMNS) == [("2026-01-01", break_class, 1)]


def test_a_pause_counts_from_the_latest_end_so_far(frame, rows):
    plays = frame(
        "fct_play",
        {"started_at": "2026-01-01 09:00:00", "ended_at": "2026-01-01 11:00:00"},
        {"ended_at": "2026-01-01 09:30:00"},
        {"ended_at": "2026-01-01 11:05:00"},  # 4 min after the first one ended, hours after the second
    )
    assert rows(break_distribution(plays), *COLUMNS) == [("2026-01-01", "continuous", 2)]


def test_a_pause_is_in_the_month_of_the_play_that_ends_it_and_shares_are_of_the_month(frame, rows):
    ends = [
        "2025-12-31 23:59:00",
        "2026-01-01 00:00:00",
        "2026-01-01 00:01:00",
        "2026-01-03 00:00:00",
        "2026-02-01 00:00:00",
    ]
    plays = frame("fct_play", *[{"ended_at": end} for end in ends])
    assert rows(break_distribution(plays), *COLUMNS, "share") == [
        ("2026-01-01", "continuous", 2, Decimal("0.66666667")),
        ("2026-01-01", "long", 1, Decimal("0.33333333")),
        ("2026-02-01", "long", 1, Decimal("1.00000000")),
    ]


def test_one_play_has_no_pause_and_listeners_do_not_interrupt_each_other(frame, rows):
    plays = frame("fct_play", {"listener_id": "ana"}, {"listener_id": "bob"})
    assert rows(break_distribution(plays)) == []
    assert rows(break_distribution(frame("fct_play"))) == []
