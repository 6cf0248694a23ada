"""Deadline.wait_for polls a condition until it is true or the deadline has passed."""

import pytest

from cdc_connectors.errors import Unavailable
from cdc_connectors.wait import Deadline


def condition(*results: bool | Exception):
    """Return a condition that returns or raises these values, one per call."""
    left = list(results)

    def call() -> bool:
        value = left.pop(0)
        if isinstance(value, Exception):
            raise value
        return value

    return call


def test_condition_is_polled_once_even_after_deadline():
    assert Deadline(0).wait_for(condition(True))


def test_condition_is_polled_until_true():
    assert Deadline(10).wait_for(condition(False, Unavailable("not now"), True))


def test_wait_returns_false_after_deadline():
    assert not Deadline(0).wait_for(condition(False))


def test_wait_raises_unavailable_after_deadline():
    with pytest.raises(Unavailable, match="Kafka does not answer"):
        Deadline(0).wait_for(condition(Unavailable("Kafka does not answer")))
