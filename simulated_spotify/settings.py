"""The settings of the simulated Spotify, read from environment variables."""

from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from simulated_spotify.clock import read_clock
from simulated_spotify.history import Setting


class SettingsError(Exception):
    """A setting is missing or invalid. The message names it."""


class Settings(BaseSettings):
    """The settings. Each field is read from the environment variable `SPOTIFY_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="SPOTIFY_", env_ignore_empty=True)

    clock_file: Path
    port: int = 8090
    seed: str = "simulated"
    public_url: str = ""  # start of the absolute URLs in responses; default: http://127.0.0.1:<port>
    client_id: str = ""  # if set, only this app may connect; else any app
    client_secret: str = ""  # if set, only this secret is valid; else any secret

    @property
    def base_url(self) -> str:
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    def setting(self) -> Setting:
        """Return the seed and the current simulated time. The clock file is read on each call, so changing it needs no restart."""
        return Setting(self.seed, read_clock(self.clock_file))


def load_settings() -> Settings:
    """Return the settings. Raise SettingsError if one is missing or invalid."""
    try:
        return Settings()  # type: ignore[call-arg]  # the fields come from the environment
    except ValidationError as error:
        wrong = ", ".join(f"SPOTIFY_{str(part['loc'][0]).upper()} ({part['msg']})" for part in error.errors())
        raise SettingsError(f"Settings of the simulated Spotify are missing or invalid. Set {wrong}.") from error
