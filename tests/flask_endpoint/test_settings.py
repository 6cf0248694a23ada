"""The endpoint's settings are read from the environment. An error names each setting and its problem, but shows no value."""

import pytest
from cryptography.fernet import Fernet

from common.settings import SettingsError, load_settings
from flask_endpoint.settings import ImportSettings, Settings

VALID = {
    "ENDPOINT_DATABASE_URL": "postgresql://endpoint@127.0.0.1:1/source",
    "SECRET_KEY": "secret",
    "OPERATOR_KEY": "operator",
    "TOKEN_KEY": Fernet.generate_key().decode(),
    "SPOTIFY_CLIENT_ID": "our-app",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in VALID.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_valid_settings_are_loaded(environment: pytest.MonkeyPatch) -> None:
    assert load_settings(Settings).spotify_client_id == "our-app"


@pytest.mark.parametrize("name", VALID)
def test_error_names_missing_setting(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)
    with pytest.raises(SettingsError, match=rf"^Missing or unusable settings: {name} \(.+\)\. Set them in \.env\.$"):
        load_settings(Settings)


def test_empty_setting_counts_as_missing(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OPERATOR_KEY", "")
    with pytest.raises(SettingsError, match=r"OPERATOR_KEY \(Field required\)"):
        load_settings(Settings)


def test_error_says_what_is_wrong_without_the_value(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TOKEN_KEY", "s3cret")
    environment.setenv("FLASK_PORT", "s3cret")
    with pytest.raises(SettingsError, match=r"FLASK_PORT \(.*integer.*\), TOKEN_KEY \(must be Fernet keys") as raised:
        load_settings(Settings)
    assert "s3cret" not in str(raised.value)


def test_import_needs_only_the_database_url(environment: pytest.MonkeyPatch) -> None:
    for name in VALID.keys() - {"ENDPOINT_DATABASE_URL"}:
        environment.delenv(name)
    assert load_settings(ImportSettings).endpoint_database_url.get_secret_value() == VALID["ENDPOINT_DATABASE_URL"]
