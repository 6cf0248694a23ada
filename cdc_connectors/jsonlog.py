"""One JSON object per line on stdout, the same keys as the Java services."""

import json
from datetime import UTC, datetime


def log(level: str, message: str, **values: object) -> None:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    print(
        json.dumps({"at": at, "level": level.upper(), "logger": "cdc_connectors", "message": message, **values}),
        flush=True,
    )
