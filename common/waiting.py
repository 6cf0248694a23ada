"""Wait until a condition holds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from tenacity import RetryCallState, Retrying, retry_if_exception_type, retry_if_result

POLL_INTERVAL = 0.2  # seconds
Result = TypeVar("Result")


class WaitTimeout(Exception):
    """The condition did not hold in time. The message names what was awaited."""


@dataclass(frozen=True)
class Deadline:
    """A time limit that several waits share; it starts when the object is created."""

    seconds: float
    _started: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Return the seconds left; 0 after the deadline."""
        return max(0.0, self._started + self.seconds - time.monotonic())


def wait_until(
    condition: Callable[[], Result | None],
    awaited: str,
    limit: Deadline | float,
    *,
    interval: float = POLL_INTERVAL,
    ignore: type[Exception] | tuple[type[Exception], ...] = (),
) -> Result:
    """Call `condition` until its result is true, at least once, and return that result.

    `limit` is a number of seconds or a shared deadline; `interval` is the seconds between two calls. Exceptions in `ignore` count
    as false; after the limit, the last one is raised. Raises WaitTimeout, which says that `awaited` did not happen in time.
    """
    deadline = limit if isinstance(limit, Deadline) else Deadline(limit)

    def give_up(state: RetryCallState) -> Result:
        if state.outcome is not None and (error := state.outcome.exception()) is not None:
            raise error
        raise WaitTimeout(f"Timed out after {deadline.seconds:.0f} s waiting for {awaited}.")

    retrying = Retrying(
        retry=retry_if_result(lambda result: not result) | retry_if_exception_type(ignore),
        stop=lambda _state: not deadline.left,
        wait=lambda _state: min(interval, deadline.left),
        retry_error_callback=give_up,
    )
    return cast(Result, retrying(condition))  # A result that is not true does not end the wait.
