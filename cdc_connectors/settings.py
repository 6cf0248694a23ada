"""Read this component's settings from the environment. `.env.example` documents them."""

import string
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.settings import SettingsError

KAFKA_USER = "cdc"  # the user of every client of Kafka
CONNECT_USER = "cdc"  # the user of the REST API of Kafka Connect
DEBEZIUM_ROLE, SINK_ROLE = "debezium", "sink"  # the connectors' roles in main and in the replica
APPLICATION = "cdc_connectors"  # The name of our database connections in pg_stat_activity.
PLAIN_CHARACTERS = frozenset(string.ascii_letters + string.digits + "-_")
Port = Annotated[int, Field(ge=1, le=65535)]
Heap = Annotated[str, Field(pattern=r"^[1-9][0-9]*[mg]$")]


def _is_plain(password: SecretStr) -> SecretStr:
    """Refuse characters that have a meaning in the files and headers that a Java service reads passwords from."""
    if not set(password.get_secret_value()) <= PLAIN_CHARACTERS:
        raise ValueError("use letters, digits, - and _ only")
    return password


JavaPassword = Annotated[SecretStr, AfterValidator(_is_plain)]


class Settings(BaseSettings):
    """Settings of every command. Passwords and database URLs have no default; commands get them with `require`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    bind_host: str = "127.0.0.1"
    cdc_jars: Path = Path(".local/jars")

    kafka_dir: Path = Path(".local/kafka")
    kafka_port: Port = 9092
    kafka_host_port: Port = 9094  # Containers only: the listener that is published to the host as KAFKA_PORT.
    kafka_controller_port: Port = 9093
    kafka_advertised_host: str = "127.0.0.1"
    kafka_bootstrap: str | None = None
    kafka_heap: Heap = "256m"
    kafka_password: JavaPassword | None = None

    connect_dir: Path = Path(".local/connect")
    connect_port: Port = 8083
    connect_advertised_host: str = "127.0.0.1"
    connect_url: str | None = None
    connect_heap: Heap = "384m"
    connect_password: JavaPassword | None = None

    main_host: str = "127.0.0.1"
    main_port: Port = 5434
    main_database: str = "main"
    replica_host: str = "127.0.0.1"
    replica_port: Port = 5435
    replica_database: str = "replica"
    debezium_password: SecretStr | None = None
    sink_password: SecretStr | None = None

    main_database_url: SecretStr | None = None
    replica_database_url: SecretStr | None = None

    watchdog_port: Port = 8084
    cdc_repair: Literal["auto", "manual"] = "auto"

    @property
    def bootstrap(self) -> str:
        """Return host:port at which clients reach Kafka."""
        return self.kafka_bootstrap or f"{self.kafka_advertised_host}:{self.kafka_port}"

    @property
    def connect(self) -> str:
        """Return the URL of Kafka Connect's REST API."""
        return (self.connect_url or f"http://{self.connect_advertised_host}:{self.connect_port}").rstrip("/")

    @property
    def slot_url(self) -> str:
        """Return the URL of main for the role that may replace the replication slot."""
        return _url(
            DEBEZIUM_ROLE, self.require("debezium_password"), self.main_host, self.main_port, self.main_database
        )

    @property
    def sink_url(self) -> str:
        """Return the URL of the replica for the role that writes it."""
        return _url(
            SINK_ROLE, self.require("sink_password"), self.replica_host, self.replica_port, self.replica_database
        )

    def require(self, name: str) -> str:
        """Return the value of a setting that has no default. Raises SettingsError when it is not set."""
        value: SecretStr | None = getattr(self, name)
        if value is None:
            raise SettingsError(f"{name.upper()} is not set. Set it in .env (see .env.example).")
        return value.get_secret_value()


def _url(role: str, password: str, host: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{quote(password, safe='')}@{host}:{port}/{database}"
