"""Waiting looks until something holds, and no longer than it may."""

import pytest

from cdc_connectors.errors import Unavailable
from cdc_connectors.wait import Deadline


def looks(*found: bool | Exception):
    """A condition that finds this, look by look."""
    left = list(found)

    def look() -> bool:
        seen = left.pop(0)
        if isinstance(seen, Exception):
            raise seen
        return seen

    return look


def test_what_holds_at_once_is_not_waited_for_even_when_the_time_is_over():
    assert Deadline(0).wait_for(looks(True))


def test_it_looks_again_until_it_holds():
    assert Deadline(10).wait_for(looks(False, Unavailable("not now"), True))


def test_when_the_time_is_over_it_says_so():
    assert not Deadline(0).wait_for(looks(False))


def test_when_the_time_is_over_what_did_not_answer_is_named():
    with pytest.raises(Unavailable, match="Kafka does not answer"):
        Deadline(0).wait_for(looks(Unavailable("Kafka does not answer")))
