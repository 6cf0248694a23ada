"""The endpoint's settings. `common.settings.load_settings` reads them from the environment."""

from pathlib import Path
from typing import Annotated

from cryptography.fernet import Fernet
from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _check_fernet_keys(value: SecretStr) -> SecretStr:
    """Refuse unusable keys at the start, not when the first token is stored."""
    for key in value.get_secret_value().split(","):
        try:
            Fernet(key.strip())
        except ValueError:
            raise ValueError("must be Fernet keys separated by commas; the first one encrypts") from None
    return value


class ImportSettings(BaseSettings):
    """The settings that an import of files needs. Its only secret is the database URL."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True)

    endpoint_database_url: SecretStr
    gate_command: str = ".local/env/soda/bin/python soda/gate.py"
    gate_timeout: float = Field(default=600, gt=0, description="Seconds that the gate may run.")


class Settings(ImportSettings):
    """The settings of the web application and the worker."""

    secret_key: SecretStr
    token_key: Annotated[SecretStr, AfterValidator(_check_fernet_keys)]
    operator_key: SecretStr
    spotify_client_id: str
    spotify_client_secret: SecretStr = SecretStr("")
    spotify_redirect_uri: str = "http://127.0.0.1:8000/callback"
    spotify_api_url: str = "https://api.spotify.com"
    spotify_accounts_url: str = "https://accounts.spotify.com"
    spotify_consent_url: str | None = Field(
        default=None,
        description="URL of Spotify's consent page as browsers reach it. In a container it differs from spotify_accounts_url.",
    )
    spotify_is_simulated: bool = False
    flask_port: int = Field(default=8000, ge=1, le=65535)
    listen_host: str = Field(default="127.0.0.1", description="The address that the web application listens on.")
    bind_host: str | None = Field(
        default=None, description="The host address on which a container publishes the web application."
    )
    worker_health_port: int = Field(default=8001, ge=0, le=65535)
    dashboard_url: str = "http://127.0.0.1:3000"
    upload_dir: Path = Path(".local/uploads")
    upload_limit_mib: int = Field(default=1024, ge=1, description="Largest request body, in MiB.")
    enrichment_per_minute: int | None = Field(
        default=None, ge=0, description="Calls to Spotify's catalog per minute; 0 means no limit."
    )
    enrichment_per_day: int | None = Field(
        default=None, ge=0, description="Calls to Spotify's catalog in any 24 hours; 0 means no calls."
    )

    @property
    def consent_url(self) -> str:
        """Return the URL of Spotify's consent page."""
        return self.spotify_consent_url or f"{self.spotify_accounts_url.rstrip('/')}/authorize"

    @property
    def published_on(self) -> str:
        """Return the address at which browsers reach the web application."""
        return self.bind_host or self.listen_host

    @property
    def enrichment_budget(self) -> tuple[int, int]:
        """Return the calls to the catalog allowed per minute (0 means no limit) and per day.

        The defaults for the real Spotify are low: it has blocked an app for a day after about 600 calls.
        """
        minute, day = (0, 1_000_000) if self.spotify_is_simulated else (60, 500)
        per_minute = minute if self.enrichment_per_minute is None else self.enrichment_per_minute
        return per_minute, day if self.enrichment_per_day is None else self.enrichment_per_day
