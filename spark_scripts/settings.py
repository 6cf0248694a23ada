"""Settings of a load. Each field is an environment variable with its name in capitals."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationInfo, field_validator
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
    spark_auth_secret: SecretStr | None = Field(
        None, description="The secret that a spark:// master requires.", validate_default=True
    )

    @field_validator("spark_auth_secret")
    @classmethod
    def _require_for_cluster(cls, secret: SecretStr | None, others: ValidationInfo) -> SecretStr | None:
        if not secret and others.data.get("spark_master", "").startswith("spark://"):
            raise ValueError("a spark:// master requires it")
        return secret
