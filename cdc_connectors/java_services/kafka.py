"""The broker: `python -m cdc_connectors.java_services.kafka` renders its properties, formats its storage once, and becomes Kafka.

KAFKA_DIR holds `server.properties` and `data/`. `data` appears only by a rename of storage formatted to the end, so a
kill -9 at any moment leaves either no storage, which the next start makes, or a whole one, which it keeps.
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
from cdc_connectors.java_services.java import become, java_command, write_atomically
from cdc_connectors.settings import Settings, load_settings

FORMAT_TIMEOUT = 120  # seconds
SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")  # For a JVM that lives for seconds.


def ensure_storage(settings: Settings) -> Path:
    """The broker's storage, formatted on the first start."""
    state = settings.kafka_dir.resolve()
    data, fresh = state / "data", state / "data.new"
    if data.exists():
        return data
    shutil.rmtree(fresh, ignore_errors=True)
    properties = state / "format.properties"
    write_atomically(properties, server_properties(settings, fresh))
    _format(
        java_command(
            settings, "kafka.tools.StorageTool", ["format", "-t", _cluster_id(), "-c", str(properties)], "64m", *SMALL
        )
    )
    properties.unlink()
    os.sync()  # The rename must not reach the disk before what it names.
    fresh.rename(data)
    return data


def _format(tool: list[str]) -> None:
    done = subprocess.run(tool, capture_output=True, text=True, timeout=FORMAT_TIMEOUT)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise CdcError(f"Kafka's storage could not be formatted: {lines[-1]}")


def _cluster_id() -> str:
    """Kafka's form of a UUID. It must not begin with a dash: its own tool would read an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()).startswith("-"):
        pass
    return text


@service("kafka")
def main() -> None:
    """Run the Kafka broker in the foreground."""
    settings = load_settings()
    properties = settings.kafka_dir.resolve() / "server.properties"
    write_atomically(properties, server_properties(settings, ensure_storage(settings)))
    become(java_command(settings, "kafka.Kafka", [str(properties)], settings.kafka_heap, "-XX:+UseSerialGC"))


if __name__ == "__main__":
    main()
