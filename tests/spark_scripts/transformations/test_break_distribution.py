"""Breaks between plays: bounds of the classes, overlaps, and the month of a break."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame

from spark_scripts.transformations.break_distribution import break_distribution

COLUMNS = ("month", "break_class", "break_count")


@pytest.mark.parametrize(
    ("ended_at", "break_class"),  # of a play of one minute that follows a play that ended at 10:00
    [
        ("2026-01-01 10:05:59.999", "continuous"),
        ("2026-01-01 10:06:00", "short"),
        ("2026-01-01 11:00:59.999", "short"),
        ("2026-01-01 11:01:00", "long"),
        ("2026-01-01 10:00:30", "continuous"),  # starts before the other ends
    ],
)
def test_break_is_classified_by_its_length(
    ended_at: str, break_class: str, frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    plays = frame("fct_play", {"ended_at": "2026-01-01 10:00:00"}, {"ended_at": ended_at})
    assert rows(break_distribution(plays), *COLUMNS) == [("2026-01-01", break_class, 1)]


def test_break_starts_at_the_latest_end_of_all_earlier_plays(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    plays = frame(
        "fct_play",
        {"started_at": "2026-01-01 09:00:00", "ended_at": "2026-01-01 11:00:00"},
        {"ended_at": "2026-01-01 09:30:00"},
        {"ended_at": "2026-01-01 11:05:00"},  # starts 4 minutes after the first play ends, hours after the second
    )
    assert rows(break_distribution(plays), *COLUMNS) == [("2026-01-01", "continuous", 2)]


def test_break_belongs_to_the_month_of_the_play_that_ends_it(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
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


def test_single_play_per_listener_makes_no_break(
    frame: Callable[..., DataFrame], rows: Callable[..., list[Any]]
) -> None:
    plays = frame("fct_play", {"listener_id": "ana"}, {"listener_id": "bob"})
    assert rows(break_distribution(plays)) == []
    assert rows(break_distribution(frame("fct_play"))) == []
