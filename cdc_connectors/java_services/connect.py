"""Run the Kafka Connect worker: `python -m cdc_connectors.java_services.connect`.

The command writes the worker's properties and passwords to CONNECT_DIR and runs Kafka Connect. Connector configs, offsets and states
are in Kafka, so the worker can be killed and started anywhere. If Kafka loses its data, the command ends, to be started again.
"""

import os
import sys
from contextlib import closing

from cdc_connectors.command import service
from cdc_connectors.configs.render import worker_properties
from cdc_connectors.java_services.credentials import write_database_passwords, write_worker_login
from cdc_connectors.java_services.java import java_command, limit_native_memory, login_flag, write_atomically
from cdc_connectors.java_services.same_cluster import run_while_same
from cdc_connectors.settings import Settings
from cdc_connectors.tuning import CONNECT_FLAGS
from cdc_connectors.verification.topics import Topics
from common.settings import load_settings

# Without this, a connector's config may name a class that reads files or the environment into it.
NO_CONFIG_PROVIDERS = "-Dorg.apache.kafka.automatic.config.providers=none"


@service("connect")
def main() -> None:
    """Run the Kafka Connect worker in the foreground."""
    settings = load_settings(Settings)
    login = login_flag(write_worker_login(settings))
    os.environ["PGPASSFILE"] = str(write_database_passwords(settings))
    properties = settings.connect_dir.resolve() / "worker.properties"
    write_atomically(properties, worker_properties(settings))
    worker = "org.apache.kafka.connect.cli.ConnectDistributed"
    flags = (login, NO_CONFIG_PROVIDERS, *CONNECT_FLAGS)
    command = java_command(settings, worker, [str(properties)], settings.connect_heap, *flags)
    limit_native_memory()
    with closing(Topics(settings.bootstrap, settings.require("kafka_password"))) as topics:
        sys.exit(run_while_same(command, topics.cluster_id))


if __name__ == "__main__":
    main()
