"""Read the tasks' settings from the environment when a task runs, so that a DAG loads without them."""

from typing import TypeVar

from airflow.sdk.exceptions import AirflowFailException
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.settings import SettingsError, load_settings


class EndpointSettings(BaseSettings):
    """The endpoint's URL and the operator's key."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    flask_url: str = Field("http://127.0.0.1:8000", pattern=r"^https?://")
    operator_key: SecretStr


class ProcessSettings(BaseSettings):
    """The interpreters and the folder for other components' commands, which read their own settings themselves."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    project_dir: str = Field(description="The project's folder.")
    cdc_python: str = Field(description="Python of change data capture's environment.")
    soda_python: str = Field(description="Python of Soda's environment.")
    spark_python: str = Field(description="Python of Spark's environment.")


SettingsType = TypeVar("SettingsType", bound=BaseSettings)


def task_settings(kind: type[SettingsType]) -> SettingsType:
    """Return the settings of a class. Raises AirflowFailException, after which Airflow does not retry the task."""
    try:
        return load_settings(kind)
    except SettingsError as error:
        raise AirflowFailException(str(error)) from None
