"""Repeatable random numbers: the same key gives the same numbers on every machine and Python version.

The only method of `random.Random` used here is `random()`, because Python guarantees its sequence. All other values
come from additions and multiplications, which IEEE 754 rounds in the same way everywhere. It does not guarantee that
for logarithms and cosines.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")
SEPARATOR = "\x1f"


def digest(*key: object) -> bytes:
    """Return 32 bytes that depend only on the parts of the key."""
    return hashlib.sha256(SEPARATOR.join(str(part) for part in key).encode()).digest()


class Weighted(Generic[Item]):
    """Items with cumulative weights, so that one draw is one bisection."""

    def __init__(self, items: Sequence[Item], weights: Sequence[float]) -> None:
        self.items = items
        self.sums = list(accumulate(weights))


class Dice:
    """Random numbers that depend only on a key. `unit()` returns a number from 0 up to, but not including, 1."""

    def __init__(self, *key: object) -> None:
        self.unit = Random(int.from_bytes(digest(*key)[:8], "big")).random  # noqa: S311  # not used for security

    def chance(self, probability: float) -> bool:
        """Return True with this probability."""
        return self.unit() < probability

    def between(self, least: int, most: int) -> int:
        """Return an integer from `least` to `most`, both included."""
        return least + int(self.unit() * (most - least + 1))

    def around(self, middle: float, width: float) -> float:
        """Return a number within `width` of `middle`, more often near it (the sum of three random numbers)."""
        return middle + width * ((self.unit() + self.unit() + self.unit()) / 1.5 - 1)

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one item; all are equally likely."""
        return items[int(self.unit() * len(items))]

    def draw(self, weighted: Weighted[Item]) -> Item:
        """Return one item, chosen by weight."""
        at = bisect_right(weighted.sums, self.unit() * weighted.sums[-1])
        return weighted.items[min(at, len(weighted.items) - 1)]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """Return a shuffled copy (Fisher-Yates)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = int(self.unit() * (last + 1))
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed
