"""Waiting by looking: never longer than the deadline, never blindly."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cdc_connectors.errors import Unavailable

LOOK_EVERY = 0.2  # seconds


@dataclass(frozen=True)
class Deadline:
    """A moment shared by several waits, so that together they take no longer than one."""

    seconds: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        return max(0.0, self._started + self.seconds - time.monotonic())

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Look until the condition holds; False when the time is over first. It looks at least once.

        A condition that cannot be found out just now does not hold yet; the last look's Unavailable is raised.
        """
        while True:
            try:
                if condition():
                    return True
                if not self.left:
                    return False
            except Unavailable:
                if not self.left:
                    raise
            time.sleep(min(LOOK_EVERY, self.left))
