"""Render config files from `templates/`. `@{name}` is replaced by a value; `$` is left to Kafka and Debezium.

Secrets are never rendered, and no config refers to one: Kafka Connect's REST API returns configs, and resolves references in
them for its clients. `java_services/credentials.py` writes the files that the services read their passwords from.
"""

import json
import string
from pathlib import Path

from cdc_connectors.settings import DEBEZIUM_ROLE, SINK_ROLE, Settings

TEMPLATES = Path(__file__).parent
LOOPBACK = "127.0.0.1"
PLUGINS = "plugins"
SOURCE = "main-source"  # A connector has the name of its template.
SINK = "replica-sink"
CLIENT_OVERRIDE = ".override."  # in the options of a connector's producer or consumer


class _Template(string.Template):
    delimiter = "@"


def render_properties(name: str, values: dict[str, str]) -> str:
    """Render a Java properties file. Backslashes in values are doubled, because Java reads them as escapes."""
    escaped = {key: value.replace("\\", "\\\\") for key, value in values.items()}
    return _Template((TEMPLATES / name).read_text()).substitute(escaped)


def render_json(name: str, values: dict[str, str]) -> dict[str, str]:
    """Render a connector's config."""
    config: dict[str, str] = json.loads((TEMPLATES / name).read_text())
    return {key: _Template(value).substitute(values) for key, value in config.items()}


def server_properties(settings: Settings, log_dir: Path) -> str:
    """Render the broker's properties.

    In containers (the advertised host is not loopback) the broker has two listeners: KAFKA_PORT for other containers,
    and KAFKA_HOST_PORT for the host, which connects to 127.0.0.1:KAFKA_PORT. Each listener advertises the address that
    its clients can reach.
    """
    port, bind = settings.kafka_port, settings.bind_host
    listeners = [f"CLIENT://{bind}:{port}"]
    advertised = [f"CLIENT://{settings.kafka_advertised_host}:{port}"]
    if settings.kafka_advertised_host != LOOPBACK:
        listeners.append(f"HOST://{bind}:{settings.kafka_host_port}")
        advertised.append(f"HOST://{LOOPBACK}:{port}")
    return render_properties(
        "server.properties",
        {
            "listeners": ",".join([*listeners, f"CONTROLLER://{LOOPBACK}:{settings.kafka_controller_port}"]),
            "advertised_listeners": ",".join(advertised),
            "controller": f"{LOOPBACK}:{settings.kafka_controller_port}",
            "log_dir": str(log_dir),
        },
    )


def worker_properties(settings: Settings) -> str:
    """Render the Connect worker's properties."""
    return render_properties(
        "worker.properties",
        {
            "bootstrap": settings.bootstrap,
            "bind_host": settings.bind_host,
            "port": str(settings.connect_port),
            "advertised_host": settings.connect_advertised_host,
            "plugins": str((settings.cdc_jars / PLUGINS).resolve()),
            "client_options": ",".join(sorted(_client_options(connector_configs(settings)))),
        },
    )


def _client_options(configs: dict[str, dict[str, str]]) -> set[str]:
    """Return the options of Kafka clients that connectors set."""
    return {
        key.partition(CLIENT_OVERRIDE)[2] for config in configs.values() for key in config if CLIENT_OVERRIDE in key
    }


def connector_configs(settings: Settings) -> dict[str, dict[str, str]]:
    """Return each connector's config by name."""
    values = {
        "main_host": settings.main_host,
        "main_port": str(settings.main_port),
        "main_database": settings.main_database,
        "main_user": DEBEZIUM_ROLE,
        "replica_host": settings.replica_host,
        "replica_port": str(settings.replica_port),
        "replica_database": settings.replica_database,
        "replica_user": SINK_ROLE,
    }
    return {name: render_json(f"{name}.json", values) for name in (SOURCE, SINK)}
