"""What a load takes from the environment."""

from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from spark_scripts.errors import NotConfigured


class Settings(BaseSettings):
    """One field a setting; the names in the environment are these in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    source_database_url: SecretStr = Field(
        description="source as role reader: postgresql://reader:...@host:port/source"
    )
    etl_database_url: SecretStr = Field(description="main as role etl: postgresql://etl:...@host:port/main")


class SparkSettings(Settings):
    """What the transform needs beside the databases."""

    spark_master: str = Field("local[2]", description="spark://host:7077, local[2], yarn or k8s://...")
    spark_jdbc_jar: Path = Field(description="The PostgreSQL JDBC driver.")


AnySettings = TypeVar("AnySettings", bound=Settings)


def load_settings(kind: type[AnySettings]) -> AnySettings:
    """The settings, or one sentence that names what is missing without showing what is there."""
    try:
        return kind()  # type: ignore[call-arg]  # From the environment.
    except ValidationError as error:
        names = ", ".join(sorted({str(problem["loc"][0]).upper() for problem in error.errors()}))
        raise NotConfigured(f"Missing or unreadable settings: {names}. Put them into the environment.") from None
