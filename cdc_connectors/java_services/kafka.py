"""Run the Kafka broker: `python -m cdc_connectors.java_services.kafka`.

The command writes server.properties and login.conf to KAFKA_DIR, formats KAFKA_DIR/data on the first start, and replaces
itself by Kafka.
Storage is formatted as `data.new` and then renamed to `data`. After a kill -9 at any moment, `data` is either absent,
and the next start formats it, or complete, and the next start uses it.
"""

import base64
import os
import shutil
import subprocess
import uuid
from pathlib import Path

from cdc_connectors.command import service
from cdc_connectors.configs.render import server_properties
from cdc_connectors.errors import CdcError
from cdc_connectors.java_services.credentials import write_broker_login
from cdc_connectors.java_services.java import become, java_command, login_flag, write_atomically
from cdc_connectors.settings import Settings
from cdc_connectors.tuning import FORMAT_HEAP, SERVICE_FLAGS, SHORT_LIVED_FLAGS
from common.settings import load_settings

FORMAT_TIMEOUT = 120  # seconds


def ensure_storage(settings: Settings) -> Path:
    """Return the folder of the broker's storage; format it on the first start."""
    state = settings.kafka_dir.resolve()
    data, fresh = state / "data", state / "data.new"
    if data.exists():
        return data
    shutil.rmtree(fresh, ignore_errors=True)
    properties = state / "format.properties"
    write_atomically(properties, server_properties(settings, fresh))
    _format(
        java_command(
            settings,
            "kafka.tools.StorageTool",
            ["format", "-t", _cluster_id(), "-c", str(properties)],
            FORMAT_HEAP,
            *SHORT_LIVED_FLAGS,
        )
    )
    properties.unlink()
    os.sync()  # The files must be on disk before the rename is.
    fresh.rename(data)
    return data


def _format(tool: list[str]) -> None:
    done = subprocess.run(tool, capture_output=True, text=True, timeout=FORMAT_TIMEOUT)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise CdcError(f"Kafka's storage could not be formatted: {lines[-1]}")


def _cluster_id() -> str:
    """Return a new cluster id in Kafka's form. A leading dash is avoided: Kafka's tool would read it as an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()).startswith("-"):
        pass
    return text


@service("kafka")
def main() -> None:
    """Run the Kafka broker in the foreground."""
    settings = load_settings(Settings)
    properties = settings.kafka_dir.resolve() / "server.properties"
    write_atomically(properties, server_properties(settings, ensure_storage(settings)))
    login = login_flag(write_broker_login(settings))
    become(java_command(settings, "kafka.Kafka", [str(properties)], settings.kafka_heap, login, *SERVICE_FLAGS))


if __name__ == "__main__":
    main()
