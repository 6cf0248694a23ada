"""Config files from `templates/`: `@{name}` stands for a value; `$` is left to Kafka and Debezium.

No secret is rendered: configs name environment variables (`${env:DEBEZIUM_PASSWORD}`), which the Connect worker
resolves when a connector starts, so that neither a file nor Connect's REST answers hold one.
"""

import json
import string
from pathlib import Path

from cdc_connectors.settings import Settings

TEMPLATES = Path(__file__).parent
LOOPBACK = "127.0.0.1"
PLUGINS = "plugins"
SOURCE = "main-source"  # A connector is named as its template.
SINK = "replica-sink"


class _Template(string.Template):
    delimiter = "@"


def render_properties(name: str, values: dict[str, str]) -> str:
    """A Java properties file; a backslash would escape there."""
    escaped = {key: value.replace("\\", "\\\\") for key, value in values.items()}
    return _Template((TEMPLATES / name).read_text()).substitute(escaped)


def render_json(name: str, values: dict[str, str]) -> dict[str, str]:
    """A connector's config."""
    config: dict[str, str] = json.loads((TEMPLATES / name).read_text())
    return {key: _Template(value).substitute(values) for key, value in config.items()}


def server_properties(settings: Settings, log_dir: Path) -> str:
    """The broker's properties.

    Advertised under another name than loopback (in containers), it gets two listeners: KAFKA_PORT for containers,
    KAFKA_HOST_PORT for the host, which reaches it as 127.0.0.1:KAFKA_PORT. A client must be told the address it can use.
    """
    port, bind = settings.kafka_port, settings.bind_host
    listeners = [f"PLAINTEXT://{bind}:{port}"]
    advertised = [f"PLAINTEXT://{settings.kafka_advertised_host}:{port}"]
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
    return render_properties(
        "worker.properties",
        {
            "bootstrap": settings.bootstrap,
            "bind_host": settings.bind_host,
            "port": str(settings.connect_port),
            "advertised_host": settings.connect_advertised_host,
            "plugins": str((settings.cdc_jars / PLUGINS).resolve()),
        },
    )


def connector_configs(settings: Settings) -> dict[str, dict[str, str]]:
    """Each connector's name and config: the name is its template's."""
    values = {
        "main_host": settings.main_host,
        "main_port": str(settings.main_port),
        "main_database": settings.main_database,
        "replica_host": settings.replica_host,
        "replica_port": str(settings.replica_port),
        "replica_database": settings.replica_database,
    }
    return {name: render_json(f"{name}.json", values) for name in (SOURCE, SINK)}
