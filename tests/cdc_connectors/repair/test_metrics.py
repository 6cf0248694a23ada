"""The watchdog's metrics show the state of the chain; what cannot be read is left out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from cdc_connectors.connectors.rest import Connect
from cdc_connectors.repair import metrics
from cdc_connectors.repair.chain import Chain
from cdc_connectors.repair.metrics import scrape
from cdc_connectors.settings import Settings
from tests.cdc_connectors.conftest import SECRET, ScriptedConnect
from tests.cdc_connectors.repair.kafka_positions import Positions

RUNNING, FAILED = ({"connector": {"state": "RUNNING"}, "tasks": [{"state": state}]} for state in ("RUNNING", "FAILED"))
CHECK = "INSERT INTO audit.replica_check VALUES (%s, to_timestamp(%s), 1, %s, 1, 1, 0, NULL)"


@pytest.fixture
def chain(
    monkeypatch: pytest.MonkeyPatch,
    settings: Callable[..., Settings],
    main: psycopg.Connection,
    replica_url: str,
    connect_server: ScriptedConnect,
) -> Iterator[Chain]:
    statuses = {"main-source": {"status": RUNNING}, "replica-sink": {"status": FAILED}}
    connect_server.set_answers("GET", "/connectors?expand=status", (200, statuses))
    with psycopg.connect(replica_url, autocommit=True, connect_timeout=10) as replica:
        chain = Chain(settings(), main, replica, Connect(connect_server.url, SECRET), Positions())  # type: ignore[arg-type]

        @contextmanager
        def opened(_: object) -> Iterator[Chain]:
            yield chain

        monkeypatch.setattr(metrics, "open_chain", opened)
        yield chain


def values(chain: Chain, fault: str = "") -> dict[str, float]:
    families = text_string_to_metric_families(scrape(chain.settings, fault, 2).decode())
    return {
        ".".join((sample.name, *sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }


def test_metrics_show_connectors_lag_and_the_last_proof(chain: Chain) -> None:
    for check in (("a", 1000, "equal"), ("b", 2000, "equal"), ("c", 3000, "different")):
        chain.main.execute(CHECK, check)
    chain.replica.execute("INSERT INTO cdc.heartbeat VALUES (1, now() - interval '1 hour')")
    found = values(chain)
    assert 3600 <= found.pop("cdc_lag_seconds") < 3660
    assert found == {
        "cdc_fault": 0,
        "cdc_dead_letters": 2,
        "cdc_lag_changes": 2,
        "cdc_connector_running.main-source": 1,
        "cdc_connector_running.replica-sink": 0,
        "cdc_replica_proven_equal_timestamp_seconds": 2000,
    }


def test_chain_that_cannot_be_read_leaves_only_the_fault(chain: Chain, connect_server: ScriptedConnect) -> None:
    connect_server.set_answers("GET", "/connectors?expand=status", (503, {"message": "starting"}))
    found = values(chain, "Kafka lost its data.")
    assert found["cdc_fault"] == 1
    assert not [name for name in found if name.startswith("cdc_connector")]
