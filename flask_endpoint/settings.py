"""The endpoint's settings, read once from the environment; a missing one refuses to start, by its name."""

from functools import cache
from pathlib import Path
from typing import Annotated

from cryptography.fernet import Fernet
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class MissingSettings(Exception):
    """The environment lacks a setting, or holds one that cannot be."""


def _fernet_keys(value: SecretStr) -> SecretStr:
    """Refuse at start what would only fail at the first token."""
    for key in value.get_secret_value().split(","):
        try:
            Fernet(key.strip())
        except ValueError:
            raise ValueError("must be Fernet keys, separated by commas; the first encrypts") from None
    return value


class ImportSettings(BaseSettings):
    """What importing files needs: no secret but the database's."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    endpoint_database_url: SecretStr
    gate_command: str = ".local/env/soda/bin/python soda/gate.py"
    gate_timeout: float = Field(600, gt=0, description="Seconds after which a gate that does not answer has failed.")


class Settings(ImportSettings):
    """What the web application needs."""

    secret_key: SecretStr
    token_key: Annotated[SecretStr, AfterValidator(_fernet_keys)]
    operator_key: SecretStr
    spotify_client_id: str
    spotify_client_secret: SecretStr = SecretStr("")
    spotify_redirect_uri: str = "http://127.0.0.1:8000/callback"
    spotify_api_url: str = "https://api.spotify.com"
    spotify_accounts_url: str = "https://accounts.spotify.com"
    spotify_consent_url: str | None = Field(
        None, description="Where a browser is sent for consent, if not below spotify_accounts_url: a container's host."
    )
    spotify_is_simulated: bool = False
    flask_port: int = Field(8000, ge=1, le=65535)
    listen_host: str = Field("127.0.0.1", description="The address that the web application binds.")
    bind_host: str | None = Field(
        None, description="Where that address is published, if elsewhere: a container's host."
    )
    worker_health_port: int = Field(8001, ge=0, le=65535)
    dashboard_url: str = "http://127.0.0.1:3000"
    upload_dir: Path = Path(".local/uploads")
    upload_limit_mib: int = Field(1024, ge=1, description="The largest request body.")
    enrichment_per_minute: int | None = Field(
        None, ge=0, description="Calls to Spotify's catalogue a minute; 0: no limit."
    )
    enrichment_per_day: int | None = Field(
        None, ge=0, description="Calls to Spotify's catalogue in any 24 hours; 0: none."
    )

    @property
    def consent_url(self) -> str:
        """Where a person consents at Spotify."""
        return self.spotify_consent_url or f"{self.spotify_accounts_url.rstrip('/')}/authorize"

    @property
    def published_on(self) -> str:
        """The address under which browsers reach the web application."""
        return self.bind_host or self.listen_host

    @property
    def enrichment_budget(self) -> tuple[int, int]:
        """Calls a minute (0: no limit) and a day: few for Spotify, which was seen to stop an app for a day after some 600."""
        minute, day = (0, 1_000_000) if self.spotify_is_simulated else (60, 500)
        per_minute = minute if self.enrichment_per_minute is None else self.enrichment_per_minute
        return per_minute, day if self.enrichment_per_day is None else self.enrichment_per_day


@cache
def settings() -> Settings:
    """The settings of this process."""
    return Settings()


@cache
def import_settings() -> ImportSettings:
    """The settings of a command that only imports."""
    return ImportSettings()


def load_settings() -> Settings:
    """The settings of this process, or one sentence that names every one that is missing or wrong."""
    try:
        return settings()
    except ValidationError as error:
        wrong = [
            f"{str(part['loc'][0]).upper()} ({part['msg'].removeprefix('Value error, ')})" for part in error.errors()
        ]
        raise MissingSettings(f"these settings are missing or wrong: {'; '.join(wrong)}.") from None
