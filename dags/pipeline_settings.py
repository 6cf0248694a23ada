"""Read the tasks' settings from the environment when a task runs, so that a DAG loads without them."""

from typing import TypeVar

from airflow.sdk.exceptions import AirflowFailException
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class EndpointSettings(BaseSettings):
    """The endpoint's URL and the operator's key."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    flask_url: str = Field("http://127.0.0.1:8000", pattern=r"^https?://")
    operator_key: SecretStr


class ProcessSettings(BaseSettings):
    """The interpreters and the folder for other components' commands, which read their own settings themselves."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    project_dir: str = Field(description="The project's folder.")
    soda_python: str = Field(description="Python of Soda's environment.")
    spark_python: str = Field(description="Python of Spark's environment.")


AnySettings = TypeVar("AnySettings", bound=BaseSettings)


def load_settings(kind: type[AnySettings]) -> AnySettings:
    """Return the settings. Raises AirflowFailException, which is not retried, with the names of missing ones."""
    try:
        return kind()
    except ValidationError as error:
        names = ", ".join(sorted({str(problem["loc"][0]).upper() for problem in error.errors()}))
        raise AirflowFailException(
            f"Settings of the scheduler are missing or invalid: {names}. Set them in .env."
        ) from None
