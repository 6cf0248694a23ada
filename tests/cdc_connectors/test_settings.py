"""One settings object, from the environment, that refuses what it cannot use and never tells a secret."""

import pytest
from conftest import SECRET

from cdc_connectors.errors import SettingsError


def test_a_missing_secret_is_named_with_what_to_do(settings):
    with pytest.raises(SettingsError, match="MAIN_DATABASE_URL is not set: set it in "):
        settings().require("main_database_url")


@pytest.mark.parametrize(
    ("name", "value"),
    [("KAFKA_PORT", "0"), ("CONNECT_PORT", "eighty"), ("KAFKA_HEAP", "much"), ("CONNECT_HEAP", "384m -XX:+Evil")],
)
def test_an_unusable_setting_is_named_in_one_sentence(settings, name, value):
    with pytest.raises(SettingsError, match=f"A setting cannot be used: {name}: ") as raised:
        settings(**{name: value})
    assert "\n" not in str(raised.value)


def test_secrets_do_not_show_when_settings_are_printed(settings):
    assert SECRET not in repr(settings()) + str(settings().model_dump())


def test_addresses_follow_from_ports_and_may_be_set(settings):
    derived = settings(KAFKA_PORT="19092", CONNECT_PORT="18083")
    assert (derived.bootstrap, derived.connect) == ("127.0.0.1:19092", "http://127.0.0.1:18083")
    told = settings(KAFKA_BOOTSTRAP="kafka:9092", CONNECT_URL="http://connect:8083/")
    assert (told.bootstrap, told.connect) == ("kafka:9092", "http://connect:8083")
