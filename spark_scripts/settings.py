"""Settings of a load. Each field is an environment variable with its name in capitals."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of every command of a load."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    source_database_url: SecretStr = Field(
        description="source as role reader: postgresql://reader:...@host:port/source"
    )
    etl_database_url: SecretStr = Field(description="main as role etl: postgresql://etl:...@host:port/main")

    @property
    def source_url(self) -> str:
        return self.source_database_url.get_secret_value()

    @property
    def main_url(self) -> str:
        return self.etl_database_url.get_secret_value()


class SparkSettings(Settings):
    """Settings of the transform."""

    spark_master: str = Field("local[2]", description="spark://host:7077, local[2], yarn or k8s://...")
    spark_jdbc_jar: Path = Field(description="The jar of the PostgreSQL JDBC driver.")
