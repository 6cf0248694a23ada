"""Log every event of our code and of libraries as one JSON line, with secrets removed."""

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
WARNINGS_ONLY = ("spotipy", "urllib3", "procrastinate")  # Their debug lines contain headers and bodies.


def set_up_logging(service: str = "flask", level: int = logging.INFO) -> None:
    """Log all records of this process as JSON lines. `service` is the name in the lines."""
    json_lines.set_up_logging(service, redact, level=level)
    for name in WARNINGS_ONLY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace values whose name says that they are secret, and secrets inside texts. This is a structlog processor."""
    return {name: REDACTED if SECRET_NAMES.search(name) else _redact_value(value) for name, value in event.items()}


def _redact_value(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_TEXT.sub(lambda match: match["name"] + REDACTED, value)
    if isinstance(value, dict):
        return redact(None, "", value)
    if isinstance(value, (list, tuple)):
        return [_redact_value(part) for part in value]
    return value
