"""How services log: one JSON object a line, of one shape, whatever the language.

    {"time": "2026-11-25T07:20:02.123Z", "level": "info", "service": "flask", "message": "worker_started", ...}

`time` is UTC to the millisecond; `level` is debug, info, warning, error or critical; `service` is the setting SERVICE_NAME.
More fields may follow, among them `logger` (the part of the service) and `error` (what was wrong, or the traceback).

| who | by |
|---|---|
| our Python services | `json_lines.py` |
| Kafka, Connect, Spark | `log4j2/log4j2.properties` |
| the dashboard | `dashboard/scripts/json_console.mjs` |
| PostgreSQL, Airflow and whatever else is not ours | `docker/bin/json-lines` |

`docker/lnav/listening.json` teaches lnav to read them; `runtime/log_lines.py` shows them as plain words.
"""

FIELDS = ("time", "level", "service", "message")  # Every line has them, in this order.
MORE_FIELDS = ("logger", "error")  # What more fields are called where they say one of these.
LEVELS = ("debug", "info", "warning", "error", "critical")
