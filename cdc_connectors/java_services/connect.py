"""Run the Kafka Connect worker: `python -m cdc_connectors.java_services.connect`.

The command writes CONNECT_DIR/worker.properties and replaces itself by Kafka Connect. Connector configs, offsets and
states are in Kafka, so the worker can be killed and started anywhere. The worker needs the passwords that connector
configs refer to: DEBEZIUM_PASSWORD and SINK_PASSWORD.
"""

from cdc_connectors.command import service
from cdc_connectors.configs.render import worker_properties
from cdc_connectors.java_services.java import become, java_command, write_atomically
from cdc_connectors.settings import Settings
from cdc_connectors.tuning import SERVICE_FLAGS
from common.settings import load_settings

SECRETS = ("debezium_password", "sink_password")


@service("connect")
def main() -> None:
    """Run the Kafka Connect worker in the foreground."""
    settings = load_settings(Settings)
    for secret in SECRETS:
        settings.require(secret)
    properties = settings.connect_dir.resolve() / "worker.properties"
    write_atomically(properties, worker_properties(settings))
    worker = "org.apache.kafka.connect.cli.ConnectDistributed"
    become(java_command(settings, worker, [str(properties)], settings.connect_heap, *SERVICE_FLAGS))


if __name__ == "__main__":
    main()
