"""Settings are read from the environment; invalid values are refused and secrets are never shown."""

from collections.abc import Callable

import pytest

from cdc_connectors.settings import Settings
from common.settings import SettingsError
from tests.cdc_connectors.conftest import SECRET


def test_missing_secret_error_names_setting_and_fix(settings: Callable[..., Settings]) -> None:
    with pytest.raises(SettingsError, match=r"MAIN_DATABASE_URL is not set\. Set it in "):
        settings().require("main_database_url")


@pytest.mark.parametrize(
    ("name", "value"),
    [("KAFKA_PORT", "0"), ("CONNECT_PORT", "eighty"), ("KAFKA_HEAP", "much"), ("CONNECT_HEAP", "384m -XX:+Evil")],
)
def test_invalid_setting_error_has_its_name_and_not_its_value(
    settings: Callable[..., Settings], name: str, value: str
) -> None:
    with pytest.raises(
        SettingsError, match=rf"^Missing or unusable settings: {name} \(.+\)\. Set them in \.env\.$"
    ) as raised:
        settings(**{name: value})
    assert value not in str(raised.value)


def test_printed_settings_contain_no_secret(settings: Callable[..., Settings]) -> None:
    assert SECRET not in repr(settings()) + str(settings().model_dump())


def test_addresses_default_to_ports_and_can_be_set(settings: Callable[..., Settings]) -> None:
    derived = settings(KAFKA_PORT="19092", CONNECT_PORT="18083")
    assert (derived.bootstrap, derived.connect) == ("127.0.0.1:19092", "http://127.0.0.1:18083")
    explicit = settings(KAFKA_BOOTSTRAP="kafka:9092", CONNECT_URL="http://connect:8083/")
    assert (explicit.bootstrap, explicit.connect) == ("kafka:9092", "http://connect:8083")
