"""Load settings from the environment."""

from typing import TypeVar

from pydantic import ValidationError
from pydantic_settings import BaseSettings

SettingsType = TypeVar("SettingsType", bound=BaseSettings)


class SettingsError(Exception):
    """A setting is missing or unusable."""


def load_settings(kind: type[SettingsType]) -> SettingsType:
    """Return the settings of a class. Raises SettingsError, which names each missing or unusable setting, but not its value."""
    try:
        return kind()
    except ValidationError as error:
        problems = {
            _variable(kind, str(problem["loc"][0])): problem["msg"].removeprefix("Value error, ")
            for problem in error.errors()
        }
        listed = ", ".join(f"{name} ({reason})" for name, reason in sorted(problems.items()))
        raise SettingsError(f"Missing or unusable settings: {listed}. Set them in .env.") from None


def _variable(kind: type[BaseSettings], location: str) -> str:
    """Return the environment variable of a field. An aliased field is located by its alias, which has no prefix."""
    prefix = kind.model_config.get("env_prefix", "") if location in kind.model_fields else ""
    return f"{prefix}{location}".upper()
