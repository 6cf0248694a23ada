"""load_settings reads a class of settings and names those that are missing or unusable."""

import pytest
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.settings import SettingsError, load_settings


class Plain(BaseSettings):
    port: int


class Prefixed(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SPOTIFY_")

    clock_file: str
    proxy: str = Field(validation_alias="HTTP_PROXY_URL")


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8090")
    assert load_settings(Plain).port == 8090


def test_error_names_an_unusable_setting_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(
        SettingsError,
        match=r"^Missing or unusable settings: PORT \(Input should be a valid integer.*\)\. Set them in \.env\.$",
    ) as raised:
        load_settings(Plain)
    assert "eighty" not in str(raised.value)


def test_error_names_the_whole_environment_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SPOTIFY_CLOCK_FILE", "HTTP_PROXY_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        SettingsError, match=r": HTTP_PROXY_URL \(Field required\), SPOTIFY_CLOCK_FILE \(Field required\)\. "
    ):
        load_settings(Prefixed)
