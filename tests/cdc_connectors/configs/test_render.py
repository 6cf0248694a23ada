"""Configs are rendered from templates and settings and contain no secret."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cdc_connectors.configs.render import (
    SINK,
    SOURCE,
    TEMPLATES,
    connector_configs,
    render_properties,
    server_properties,
    worker_properties,
)
from cdc_connectors.settings import Settings
from tests.cdc_connectors.conftest import SECRET

EVERYWHERE = "0.0.0.0"  # noqa: S104 - the bind address in containers
PROJECT = Path(__file__).parents[3]


def properties(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def test_local_broker_binds_and_advertises_loopback_only(settings: Callable[..., Settings]) -> None:
    found = properties(
        server_properties(settings(KAFKA_PORT="19092", KAFKA_CONTROLLER_PORT="19093"), Path("/state/data"))
    )
    assert found["listeners"] == "CLIENT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert found["advertised.listeners"] == "CLIENT://127.0.0.1:19092"
    assert found["controller.quorum.voters"] == "1@127.0.0.1:19093"
    assert found["log.dirs"] == "/state/data"


def test_container_broker_has_one_listener_for_containers_and_one_for_the_host(
    settings: Callable[..., Settings],
) -> None:
    found = properties(
        server_properties(settings(BIND_HOST=EVERYWHERE, KAFKA_ADVERTISED_HOST="kafka"), Path("/state/data"))
    )
    assert found["listeners"] == "CLIENT://0.0.0.0:9092,HOST://0.0.0.0:9094,CONTROLLER://127.0.0.1:9093"
    assert found["advertised.listeners"] == "CLIENT://kafka:9092,HOST://127.0.0.1:9092"


def test_every_listener_of_the_broker_asks_for_a_login(settings: Callable[..., Settings]) -> None:
    given = settings(BIND_HOST=EVERYWHERE, KAFKA_ADVERTISED_HOST="kafka")
    found = properties(server_properties(given, Path("/state/data")))
    protocols = dict(pair.split(":") for pair in found["listener.security.protocol.map"].split(","))
    names = {listener.partition("://")[0] for listener in found["listeners"].split(",")}
    assert {protocols[name] for name in names} == {"SASL_PLAINTEXT"}


@pytest.mark.parametrize("client", ["", "producer.", "consumer.", "admin."])
def test_every_client_of_the_worker_logs_in(settings: Callable[..., Settings], client: str) -> None:
    found = properties(worker_properties(settings()))
    assert (found[f"{client}security.protocol"], found[f"{client}sasl.mechanism"]) == ("SASL_PLAINTEXT", "PLAIN")


def test_worker_asks_for_a_password_and_resolves_no_reference(settings: Callable[..., Settings]) -> None:
    found = properties(worker_properties(settings(CONNECT_PORT="18083")))
    assert found["listeners"] == "http://127.0.0.1:18083"
    assert found["rest.extension.classes"].endswith(".BasicAuthSecurityRestExtension")
    assert not [key for key in found if key.startswith("config.providers")]
    assert found["plugin.path"].endswith("/jars/plugins")


def test_connectors_may_change_only_the_client_options_that_they_set(settings: Callable[..., Settings]) -> None:
    found = properties(worker_properties(settings()))
    assert found["connector.client.config.override.policy"] == "Allowlist"
    allowed = found["connector.client.config.override.allowlist"].split(",")
    assert {"batch.size", "max.poll.records"} <= set(allowed)
    assert not [option for option in allowed if option.startswith(("bootstrap", "sasl", "security", "ssl"))]


def test_connectors_use_database_addresses_from_settings(settings: Callable[..., Settings]) -> None:
    configs = connector_configs(
        settings(MAIN_HOST="main-db", MAIN_PORT="15434", REPLICA_HOST="replica-db", REPLICA_PORT="15435")
    )
    source, sink = configs[SOURCE], configs[SINK]
    assert (source["database.hostname"], source["database.port"], source["database.dbname"]) == (
        "main-db",
        "15434",
        "main",
    )
    assert sink["connection.url"].startswith("jdbc:postgresql://replica-db:15435/replica?stringtype=unspecified&")


def test_documented_time_after_which_kafka_keeps_no_change_is_the_real_maximum(
    settings: Callable[..., Settings],
) -> None:
    found = properties(server_properties(settings(), Path("/state/data")))
    assert found["log.retention.hours"] == "72"
    hours = int(found["log.retention.hours"]) + int(found["log.roll.hours"])
    minutes = (int(found["log.retention.check.interval.ms"]) + int(found["log.segment.delete.delay.ms"])) // 60_000
    for document in ("docs/security.md", "cdc_connectors/README.md"):
        assert f"{hours} hours and {minutes} minutes" in (PROJECT / document).read_text()


def test_every_connector_template_is_registered(settings: Callable[..., Settings]) -> None:
    assert set(connector_configs(settings())) == {file.stem for file in TEMPLATES.glob("*.json")}


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        (SOURCE, "publication.autocreate.mode", "disabled"),
        (SOURCE, "skipped.operations", "none"),
        (SOURCE, "interval.handling.mode", "string"),
        (SOURCE, "header.converter", "org.apache.kafka.connect.json.JsonConverter"),
        (SINK, "header.converter", "org.apache.kafka.connect.json.JsonConverter"),
        (SINK, "use.reduction.buffer", "true"),
        (SINK, "delete.enabled", "true"),
        (SINK, "truncate.enabled", "true"),
        (SINK, "schema.evolution", "none"),
    ],
)
def test_options_that_prevent_lost_or_changed_rows_are_set(
    settings: Callable[..., Settings], name: str, key: str, value: str
) -> None:
    assert connector_configs(settings())[name][key] == value


def test_unnest_insert_that_fails_on_dates_is_not_used(settings: Callable[..., Settings]) -> None:
    assert "dialect.postgres.unnest.insert.enabled" not in connector_configs(settings())[SINK]


def test_rendered_configs_contain_no_secret(settings: Callable[..., Settings]) -> None:
    given = settings()
    rendered = [server_properties(given, Path("/d")), worker_properties(given), json.dumps(connector_configs(given))]
    assert SECRET not in "".join(rendered)


def test_templates_set_no_password_and_refer_to_none() -> None:
    for file in [*TEMPLATES.glob("*.json"), *TEMPLATES.glob("*.properties")]:
        for line in file.read_text().splitlines():
            is_comment = line.startswith("#")
            assert is_comment or not ("password" in line.lower() or "${env" in line), f"{file.name}: {line}"


def test_backslash_in_path_is_escaped_for_java_properties(settings: Callable[..., Settings]) -> None:
    assert "plugin.path=C:\\\\jars" in render_properties(
        "worker.properties",
        dict.fromkeys(("bootstrap", "bind_host", "port", "advertised_host", "client_options"), "")
        | {"plugins": "C:\\jars"},
    )


def test_connectors_capture_the_schemas_of_the_publication(settings: Callable[..., Settings]) -> None:
    """The publication and the two connectors each list the schemas; the lists must be equal."""
    publication = (PROJECT / "sql/main/publication.sql").read_text()
    captured = connector_configs(settings())[SOURCE]["schema.include.list"].split(",")
    assert f"FOR TABLES IN SCHEMA {', '.join(captured)} " in publication
    assert connector_configs(settings())[SINK]["topics.regex"] == rf"main\.({'|'.join(captured)})\..*"
