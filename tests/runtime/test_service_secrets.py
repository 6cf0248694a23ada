"""Each service gets the passwords of its own roles only, and no service that keeps running is a superuser."""

import re

from runtime.definition.compose import read_services
from runtime.definition.settings import read_examples
from runtime.definition.stack import PROJECT

AIRFLOW = {"AIRFLOW_AIRFLOW_PASSWORD", "AIRFLOW_ADMIN_PASSWORD"}
ENDPOINT = {"SOURCE_ENDPOINT_PASSWORD", "SOURCE_GATE_PASSWORD"}
PASSWORDS = {
    "source": {"SOURCE_OWNER_PASSWORD"},
    "main": {"MAIN_OWNER_PASSWORD"},
    "replica": {"REPLICA_OWNER_PASSWORD"},
    "airflow-db": {"AIRFLOW_OWNER_PASSWORD"},
    "kafka": {"KAFKA_PASSWORD"},
    "connect": {"KAFKA_PASSWORD", "CONNECT_PASSWORD", "MAIN_DEBEZIUM_PASSWORD", "REPLICA_SINK_PASSWORD"},
    "cdc-watchdog": {"KAFKA_PASSWORD", "CONNECT_PASSWORD", "MAIN_DEBEZIUM_PASSWORD", "REPLICA_SINK_PASSWORD"}
    | {"MAIN_VERIFIER_PASSWORD", "REPLICA_VERIFIER_PASSWORD"},
    "flask": ENDPOINT,
    "flask-worker": ENDPOINT,
    "airflow-api": AIRFLOW,
    "airflow-dag-processor": AIRFLOW,
    "airflow-triggerer": AIRFLOW,
    "airflow-scheduler": AIRFLOW
    | {"SOURCE_ETL_PASSWORD", "SOURCE_GATE_PASSWORD", "MAIN_ETL_PASSWORD", "MAIN_GATE_PASSWORD"}
    | {"MAIN_VERIFIER_PASSWORD", "REPLICA_VERIFIER_PASSWORD", "KAFKA_PASSWORD", "CONNECT_PASSWORD"},
    "dashboard": {"MAIN_DASHBOARD_PASSWORD"},
}


def test_services_that_keep_running_have_only_their_own_passwords() -> None:
    examples = read_examples(PROJECT / ".env.example")
    secrets = {name: f"secret-{name}-end" for name, value in examples if value in ("<random>", "<fernet>")}
    services = read_services(PROJECT / "docker/compose.yml", dict(examples) | {"DASHBOARD_DATABASE_URL": ""} | secrets)
    found = {}
    for service in services.values():
        names = set(re.findall(r"secret-(\w+_PASSWORD)-end", " ".join(service.environment.values())))
        if names and not service.is_one_shot:
            found[service.name] = names
    assert found == PASSWORDS
