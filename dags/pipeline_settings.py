"""What the tasks take from the environment, read when a task runs: a DAG can be read without any of it."""

from typing import TypeVar

from airflow.sdk.exceptions import AirflowFailException
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class EndpointSettings(BaseSettings):
    """Where the endpoint is, and what lets an operator in."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    flask_url: str = Field("http://127.0.0.1:8000", pattern=r"^https?://")
    operator_key: SecretStr


class ProcessSettings(BaseSettings):
    """Which interpreters run the other components' commands, and where. Their own settings are passed on as they are."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    project_dir: str = Field(description="The project's folder.")
    soda_python: str = Field(description="Python of Soda's environment.")
    spark_python: str = Field(description="Python of Spark's environment.")


AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def load_settings(kind: type[AnySettings]) -> AnySettings:
    """The settings, or a failure that names what is missing and that no retry mends."""
    try:
        return kind()
    except ValidationError as error:
        names = ", ".join(sorted({str(problem["loc"][0]).upper() for problem in error.errors()}))
        raise AirflowFailException(f"Missing or unreadable settings of the scheduler: {names}.") from None
