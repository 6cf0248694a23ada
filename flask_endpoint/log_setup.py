"""One JSON line per event, from our code and from every library alike; secrets never get that far."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

from common import json_lines

SECRET_NAMES = re.compile(
    r"token|secret|password|authorization|cookie|verifier|^code$|^state$|operator_key|_key$", re.IGNORECASE
)
SECRET_TEXT = re.compile(
    r"(?P<name>Bearer\s+|Basic\s+|(?:access_token|refresh_token|client_secret|code_verifier|password)['\"]?\s*[=:]\s*['\"]?"
    r"|\b(?:code|state)="
    r"|://[^\s:/@]+:(?=[^\s/@]+@))(?P<secret>[^\s'\"&,@}]+)",
    re.IGNORECASE,
)
REDACTED = "[redacted]"
QUIET = ("spotipy", "urllib3", "procrastinate")  # Their debug lines carry headers and bodies.


def set_up_logging(service: str = "flask", level: int = logging.INFO) -> None:
    """Send every log record of this process through one chain of processors, the last of them without secrets."""
    json_lines.set_up_logging(service, redact, level=level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what is secret by its name, and what looks secret inside any text."""
    return {name: REDACTED if SECRET_NAMES.search(name) else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_TEXT.sub(lambda found: found["name"] + REDACTED, value)
    if isinstance(value, dict):
        return redact(None, "", value)
    if isinstance(value, (list, tuple)):
        return [_clean(part) for part in value]
    return value
