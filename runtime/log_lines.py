"""Service logs as people read them: from a JSON line of the services' one shape to a time, a level and words."""

import json
from typing import Any

from common.log_format import FIELDS, MORE_FIELDS


def readable(line: str, with_service: bool = False) -> str:
    """`07:20:02.123 warning  poll_failed listener_id=ana` and below it the traceback, if any; any other line as it is.

    `with_service` names the service after the level, for lines of several.
    """
    try:
        event = json.loads(line)
        service = f"{event['service']:<12} " if with_service else ""
        head = f"{_clock(event['time'])} {event['level']:<8} {service}{event['message']}"
    except (ValueError, TypeError, KeyError, AttributeError):
        return line
    fields = [f"{name}={_word(value)}" for name, value in event.items() if name not in (*FIELDS, *MORE_FIELDS)]
    return "\n".join([" ".join([head, *fields]), *_indented(event.get("error"))])


def _clock(time: str) -> str:
    date, _, clock = time.partition("T")
    if not clock:
        raise ValueError(f"{date} is no time")
    return clock.removesuffix("Z")


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _indented(text: Any) -> list[str]:
    return [f"    {line}" for line in str(text).splitlines()] if text else []
