"""What the gate takes from the environment: where the two databases are, as role `gate`."""

from gate_errors import NotConfigured
from pydantic import PostgresDsn, SecretStr, TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_URL = TypeAdapter(PostgresDsn)


class GateSettings(BaseSettings):
    """One field a setting; the names in the environment are these in capitals with `GATE_` in front."""

    model_config = SettingsConfigDict(env_prefix="GATE_", frozen=True, extra="ignore")

    source_database_url: SecretStr | None = None  # needed for batches
    main_database_url: SecretStr | None = None  # needed for loads

    def source_url(self) -> str:
        return _required(self.source_database_url, "GATE_SOURCE_DATABASE_URL")

    def main_url(self) -> str:
        return _required(self.main_database_url, "GATE_MAIN_DATABASE_URL")


def _required(url: SecretStr | None, setting: str) -> str:
    """The address, or a sentence that names the setting without showing what it holds."""
    shape = f"postgresql://gate:password@host:port/database in the setting {setting}"
    if url is None or not url.get_secret_value():
        raise NotConfigured(f"The gate does not know its database: put {shape}.")
    try:
        _URL.validate_python(url.get_secret_value())
    except ValidationError:
        raise NotConfigured(f"The gate cannot read its database's address: put {shape}.") from None
    return url.get_secret_value()
