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
        names = ", ".join(sorted({str(problem["loc"][0]).upper() for problem in error.errors()}))
        raise SettingsError(f"Missing or unusable settings: {names}. Set them in .env.") from None
