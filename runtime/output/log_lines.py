"""Convert JSON log lines to lines for people: time, level, message, other fields."""

import json
from typing import Any

from common.log_format import FIELDS, MORE_FIELDS

LOG_TAIL = 15  # lines shown of a failed service's or command's log


def readable(line: str, with_service: bool = False) -> str:
    """Return `07:20:02.123 warning  poll_failed listener_id=ana` with the traceback below it. Return a line of another format unchanged.

    `with_service` adds the service after the level, for logs of several services.
    """
    try:
        event = json.loads(line)
        service = f"{event['service']:<12} " if with_service else ""
        head = f"{_clock(event['time'])} {event['level']:<8} {service}{event['message']}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return line
    fields = [f"{name}={_word(value)}" for name, value in event.items() if name not in (*FIELDS, *MORE_FIELDS)]
    return "\n".join([" ".join([head, *fields]), *_indented(event.get("error"))])


def tail(output: str, lines: int) -> str:
    """Return the last lines of a log, each as `readable` returns it."""
    return "\n".join(map(readable, output.splitlines()[-lines:]))


def _clock(time: str) -> str:
    date, _, clock = time.partition("T")
    if not clock:
        raise ValueError(f"{date} is not a time")
    return clock.removesuffix("Z")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _indented(text: Any) -> list[str]:
    return [f"    {line}" for line in str(text).splitlines()] if text else []
