"""Poll a condition until it is true or a deadline has passed."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cdc_connectors.errors import Unavailable

POLL_INTERVAL = 0.2  # seconds


@dataclass(frozen=True)
class Deadline:
    """A time limit that several waits share; it starts when the object is created."""

    seconds: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Return the seconds left; 0 after the deadline."""
        return max(0.0, self._started + self.seconds - time.monotonic())

    def wait_for(self, condition: Callable[[], bool]) -> bool:
        """Poll until the condition is true. Return False when the deadline passes first. Polls at least once.

        Unavailable raised by the condition counts as false; after the deadline it is raised to the caller.
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
            time.sleep(min(POLL_INTERVAL, self.left))
