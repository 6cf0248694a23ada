"""The simulated Spotify's settings, from the environment."""

from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from simulated_spotify.clock import read_clock
from simulated_spotify.history import Setting


class SettingsError(Exception):
    """A setting is missing or unusable; the message says which."""


class Settings(BaseSettings):
    """`SPOTIFY_<FIELD>` of each field."""

    model_config = SettingsConfigDict(env_prefix="SPOTIFY_", env_ignore_empty=True)

    clock_file: Path
    port: int = 8090
    seed: str = "simulated"
    public_url: str = ""  # the host in the absolute URLs of answers; by default the port on 127.0.0.1
    client_id: str = ""  # when set, the only app that may connect, ...
    client_secret: str = ""  # ... and the only secret; when not, any app may

    @property
    def base_url(self) -> str:
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    def setting(self) -> Setting:
        """The world as of the clock file's instant, read anew so that moving it needs no restart."""
        return Setting(self.seed, read_clock(self.clock_file))


def load_settings() -> Settings:
    try:
        return Settings()  # type: ignore[call-arg]  # the fields come from the environment
    except ValidationError as error:
        wrong = ", ".join(f"SPOTIFY_{str(part['loc'][0]).upper()} ({part['msg']})" for part in error.errors())
        raise SettingsError(f"Set these for the simulated Spotify: {wrong}.") from error
