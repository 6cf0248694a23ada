"""wait_until calls a condition until it is true or the time limit has passed."""

import time
from collections.abc import Callable

import pytest

from common.waiting import Deadline, WaitTimeout, wait_until


class NotReady(Exception):
    pass


def condition(*results: object) -> Callable[[], object]:
    """Return a condition that returns or raises these values, one per call."""
    left = list(results)

    def call() -> object:
        value = left.pop(0)
        if isinstance(value, Exception):
            raise value
        return value

    return call


def test_condition_is_called_once_even_after_the_limit() -> None:
    assert wait_until(condition(True), "a test", 0)


def test_wait_returns_the_first_true_result() -> None:
    assert wait_until(condition(None, [], "found", "later"), "a test", 10, interval=0) == "found"


def test_ignored_exception_counts_as_false() -> None:
    assert wait_until(condition(NotReady(), True), "a test", 10, interval=0, ignore=NotReady)


def test_other_exception_ends_the_wait() -> None:
    with pytest.raises(NotReady):
        wait_until(condition(NotReady(), True), "a test", 10, interval=0)


def test_timeout_error_says_what_was_awaited() -> None:
    with pytest.raises(WaitTimeout, match=r"^Timed out after 0 s waiting for the broker\.$"):
        wait_until(condition(False), "the broker", 0)


def test_ignored_exception_is_raised_after_the_limit() -> None:
    with pytest.raises(NotReady, match="Kafka does not answer"):
        wait_until(condition(NotReady("Kafka does not answer")), "the broker", 0, ignore=NotReady)


def test_wait_does_not_sleep_past_the_limit() -> None:
    started = time.monotonic()
    with pytest.raises(WaitTimeout):
        wait_until(condition(False, False, False), "a test", 0.05, interval=60)
    assert time.monotonic() - started < 30


def test_waits_share_a_deadline() -> None:
    deadline, calls = Deadline(0.05), []
    with pytest.raises(WaitTimeout):
        wait_until(lambda: False, "a test", deadline, interval=0.01)
    with pytest.raises(WaitTimeout):
        wait_until(lambda: calls.append(1), "a test", deadline)
    assert calls == [1]
