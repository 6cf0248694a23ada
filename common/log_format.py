"""The log format of all services, in every language: one JSON object per line.

    {"time": "2026-11-25T07:20:02.123Z", "level": "info", "service": "flask", "message": "worker_started", ...}

`time` is UTC to the millisecond; `level` is debug, info, warning, error or critical; `service` is the setting SERVICE_NAME.
Other fields can follow, among them `logger` (the part of the service) and `error` (the cause or the traceback).

| writer | converted by |
|---|---|
| our Python services | `json_lines.py` |
| Kafka, Connect, Spark | `log4j2/log4j2.properties` |
| the dashboard | `dashboard/scripts/json_console.mjs` |
| PostgreSQL, Airflow and other third-party programs | `docker/bin/json-lines` |

`docker/lnav/listening.json` describes the format to lnav; `runtime/output/log_lines.py` prints it for people.
"""

FIELDS = ("time", "level", "service", "message")  # Every line has them, in this order.
MORE_FIELDS = ("logger", "error")  # Optional fields with a fixed meaning.
LEVELS = ("debug", "info", "warning", "error", "critical")
