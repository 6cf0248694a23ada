"""The gate's settings: the two databases, as role `gate`. Each class is loaded only when its database is needed."""

from typing import Annotated

from pydantic import AfterValidator, PostgresDsn, SecretStr, TypeAdapter
from pydantic_settings import BaseSettings, SettingsConfigDict

_POSTGRES_URL = TypeAdapter(PostgresDsn)


def _check_url(url: SecretStr) -> SecretStr:
    _POSTGRES_URL.validate_python(url.get_secret_value())
    return url


PostgresUrl = Annotated[SecretStr, AfterValidator(_check_url)]


class MainSettings(BaseSettings):
    """What checking a load needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    gate_main_database_url: PostgresUrl


class SourceSettings(BaseSettings):
    """What checking batches needs."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    gate_source_database_url: PostgresUrl
