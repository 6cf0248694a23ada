"""The settings of the simulated Spotify, read from environment variables."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from simulated_spotify.clock import read_clock
from simulated_spotify.listening.history import Setting


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
