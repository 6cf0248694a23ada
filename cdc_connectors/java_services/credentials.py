"""The files with the passwords of Kafka and Kafka Connect. Only the user of the service may read them; each start writes them.

Java's login configuration (JAAS) has one section for each part of a service. Kafka's clients in the worker, those of the
connectors included, all log in with the section KafkaClient. PostgreSQL's driver looks up the connectors' passwords in a password
file. So no config of a connector contains a password or a reference to one.
"""

from pathlib import Path

from cdc_connectors.java_services.java import write_atomically
from cdc_connectors.settings import CONNECT_USER, DEBEZIUM_ROLE, KAFKA_USER, SINK_ROLE, Settings

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
REST_LOGIN = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule"


def write_broker_login(settings: Settings) -> Path:
    """Write the broker's login configuration: the user that it accepts, and the same user for its own connections."""
    password = settings.require("kafka_password")
    options = {"username": KAFKA_USER, "password": password, f"user_{KAFKA_USER}": password}
    return _write(settings.kafka_dir, _section("KafkaServer", PLAIN, options))


def write_worker_login(settings: Settings) -> Path:
    """Write the worker's login configuration: how it logs in to Kafka, and the file with the user of its REST API."""
    users = settings.connect_dir.resolve() / "rest_users.properties"
    write_atomically(users, f"{CONNECT_USER}={settings.require('connect_password')}\n")
    kafka = {"username": KAFKA_USER, "password": settings.require("kafka_password")}
    sections = (_section("KafkaClient", PLAIN, kafka), _section("KafkaConnect", REST_LOGIN, {"file": str(users)}))
    return _write(settings.connect_dir, *sections)


def write_database_passwords(settings: Settings) -> Path:
    """Write the file in which PostgreSQL's driver finds the passwords of both connectors."""
    logins = (
        (settings.main_host, settings.main_port, DEBEZIUM_ROLE, settings.require("debezium_password")),
        (settings.replica_host, settings.replica_port, SINK_ROLE, settings.require("sink_password")),
    )
    file = settings.connect_dir.resolve() / "database_passwords"
    lines = [f"{_escaped(host)}:{port}:*:{role}:{_escaped(password)}\n" for host, port, role, password in logins]
    write_atomically(file, "".join(lines))
    return file


def _escaped(value: str) -> str:
    """Escape the separator of a password file."""
    return value.replace("\\", "\\\\").replace(":", "\\:")


def _section(name: str, module: str, options: dict[str, str]) -> str:
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in options.values())
    lines = "\n".join(f'    {option}="{value}"' for option, value in zip(options, quoted, strict=True))
    return f"{name} {{\n  {module} required\n{lines};\n}};\n"


def _write(folder: Path, *sections: str) -> Path:
    file = folder.resolve() / "login.conf"
    write_atomically(file, "".join(sections))
    return file
