"""Repeatable chance: the same key gives the same throws on every machine and Python version.

Of `random.Random` only `random()` is used, whose sequence Python promises to keep; what is built on it here uses
additions and multiplications alone, which IEEE 754 rounds alike everywhere (logarithms and cosines it does not).
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
    """32 bytes that depend on the key's parts and on nothing else."""
    return hashlib.sha256(SEPARATOR.join(str(part) for part in key).encode()).digest()


class Weighted(Generic[Item]):
    """Items with their weights, summed once so that a draw costs a bisection."""

    def __init__(self, items: Sequence[Item], weights: Sequence[float]) -> None:
        self.items = items
        self.sums = list(accumulate(weights))


class Dice:
    """Throws that follow from a key."""

    def __init__(self, *key: object) -> None:
        self.unit = Random(int.from_bytes(digest(*key)[:8], "big")).random  # noqa: S311  # made-up listening, no secret

    def chance(self, probability: float) -> bool:
        return self.unit() < probability

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return least + int(self.unit() * (most - least + 1))

    def around(self, middle: float, width: float) -> float:
        """A number within `width` of `middle`, more often near it (the sum of three throws)."""
        return middle + width * ((self.unit() + self.unit() + self.unit()) / 1.5 - 1)

    def pick(self, items: Sequence[Item]) -> Item:
        return items[int(self.unit() * len(items))]

    def draw(self, weighted: Weighted[Item]) -> Item:
        at = bisect_right(weighted.sums, self.unit() * weighted.sums[-1])
        return weighted.items[min(at, len(weighted.items) - 1)]

    def shuffled(self, items: Sequence[Item]) -> list[Item]:
        """A copy in another order (Fisher and Yates)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = int(self.unit() * (last + 1))
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed
