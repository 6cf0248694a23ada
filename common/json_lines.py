"""Write everything that a Python process logs, through structlog or logging, to stdout as JSON lines of one format."""

import json
import logging
import os
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from common.log_format import FIELDS, LEVELS

ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str)
# Some readers treat these as line ends; JSON escapes only characters below U+0020.
LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


def set_up_logging(service: str, *more: Processor, level: int = logging.INFO) -> None:
    """Set up logging under the name SERVICE_NAME, default `service`. The processors `more` can change each event."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *more,
                _Shape(os.environ.get("SERVICE_NAME") or service),
                _one_line,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    sys.excepthook = _log_uncaught
    threading.excepthook = lambda thread: _log_uncaught(
        thread.exc_type, thread.exc_value or thread.exc_type(), thread.exc_traceback
    )


class _Shape:
    """Processor that puts the required fields first, under their names."""

    def __init__(self, service: str) -> None:
        self.service = service

    def __call__(self, _logger: Any, _method: str, event: EventDict) -> EventDict:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        level, message = event.pop("level", "info"), event.pop("event", "")
        if traceback := event.pop("exception", None):
            event["error"] = "\n".join(str(part) for part in (event.get("error"), traceback) if part)
        shape = dict(zip(FIELDS, (now, level if level in LEVELS else "info", self.service, str(message)), strict=True))
        return shape | {name: value for name, value in event.items() if name not in shape}


def _one_line(_logger: Any, _method: str, event: EventDict) -> str:
    """Return the event as JSON without line ends. A value without a JSON form is written as text."""
    try:
        text = ENCODER.encode(event)
    except (TypeError, ValueError):  # A key that is not text, NaN or infinity, or a value that contains itself.
        text = ENCODER.encode({str(name): str(value) for name, value in event.items()})
    return text.encode("utf-8", errors="replace").decode().translate(LINE_ENDS)


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    elif not issubclass(kind, SystemExit):
        logging.getLogger("uncaught").critical("%s: %s", kind.__name__, error, exc_info=(kind, error, trace))
