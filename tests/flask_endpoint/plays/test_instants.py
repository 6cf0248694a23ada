"""The end of a play is read in each of Spotify's notations, and computed for rows that Spotify received late."""

from datetime import UTC, datetime

import pytest

from flask_endpoint.plays.instants import Horizon, computed_end
from flask_endpoint.plays.row import Rejected

NOW = datetime(2024, 6, 1, tzinfo=UTC)
TS = "2022-05-01T12:00:00Z"
START = int(datetime(2022, 5, 1, 11, 0, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2022-05-01T12:00:00Z", "2022-05-01T12:00:00Z"),
        ("2022-05-01T12:00:00.123Z", "2022-05-01T12:00:00.123000+00:00"),
        ("2018-05-01 12:00:00 UTC", "2018-05-01T12:00:00+00:00"),
        ("2018-05-01 12:00", "2018-05-01T12:00:00+00:00"),
        ("2022-05-01T14:00:00+02:00", "2022-05-01T12:00:00+00:00"),
        ("2024-06-02T00:00:00Z", "2024-06-02T00:00:00Z"),
    ],
)
def test_each_notation_is_read_as_utc(text: str, instant: str) -> None:
    assert Horizon(NOW).read(text) == instant


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("yesterday", "the end time cannot be read"),
        ("2022-13-01T12:00:00Z", "the end time cannot be read"),
        ("20220501", "the end time cannot be read"),
        ("2020-W01-1T00:00:00Z", "the end time cannot be read"),
        ("2020-01-01T000000,0Z", "the end time cannot be read"),
        ("2020-01-01T000000.0Z", "the end time cannot be read"),
        (None, "the end time cannot be read"),
        (1651406400, "the end time cannot be read"),
        ("1970-01-01T00:00:00Z", "the end time is before 2008-01-01"),
        ("2007-12-31T23:59:59Z", "the end time is before 2008-01-01"),
        ("2024-06-02T00:00:01Z", "the end time is more than a day ahead"),
        ("2100-01-01T00:00:00Z", "the end time is more than a day ahead"),
    ],
)
def test_unreadable_or_out_of_range_end_is_rejected_with_reason(value: object, reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        Horizon(NOW).read(value)


def test_account_row_ends_at_second_0_of_its_minute() -> None:
    assert Horizon(NOW).read_minute("2022-05-01 12:34") == "2022-05-01T12:34:00+00:00"


@pytest.mark.parametrize("timestamp", [START, START * 1000, START * 1000 + 999, START + 0.9])
def test_end_of_offline_row_is_computed_from_seconds_or_milliseconds(timestamp: float) -> None:
    assert computed_end(TS, 90_500, timestamp, True, None) == "2022-05-01T11:01:30.500000+00:00"


@pytest.mark.parametrize("timestamp", [None, 0, 1, 99, True, "1651402800", 10**30])
def test_invalid_timestamp_gives_no_computed_end(timestamp: object) -> None:
    assert computed_end(TS, 90_000, timestamp, True, None) is None


def test_online_row_has_no_computed_end() -> None:
    assert computed_end(TS, 90_000, START, False, "trackdone") is None
    assert computed_end(TS, 90_000, START, None, None) is None


@pytest.mark.parametrize("reason", ["unexpected-exit", "unexpected-exit-while-paused", "logout"])
def test_end_of_an_exit_or_logout_is_computed_if_ts_is_over_30_minutes_later(reason: str) -> None:
    half_an_hour_before = START + 1800  # its end is exactly 30 minutes before ts
    assert computed_end(TS, 0, half_an_hour_before, False, reason) is None
    assert computed_end(TS, 0, half_an_hour_before - 1, False, reason) == "2022-05-01T11:29:59+00:00"


def test_end_of_a_reason_that_only_starts_with_logout_is_not_computed() -> None:
    assert computed_end(TS, 0, START, False, "logout-elsewhere") is None


def test_computed_end_may_be_at_most_60_seconds_after_ts() -> None:
    at_ts = START + 3600
    assert computed_end(TS, 60_000, at_ts, True, None) == "2022-05-01T12:01:00+00:00"
    assert computed_end(TS, 60_001, at_ts, True, None) is None


def test_device_clock_before_2008_is_ignored() -> None:
    assert computed_end(TS, 1_000, 1_199_145_599, True, None) is None
    assert computed_end(TS, 1_000, 1_199_145_600, True, None) == "2008-01-01T00:00:01+00:00"
